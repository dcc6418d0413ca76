#include "sidecar/base/json_texts.hpp"

#include <gtest/gtest.h>

namespace sidecar::json {
namespace {

using texts = std::vector<std::string>;

TEST(ReadTexts, FindsWhatStandsAtEachPath) {
  EXPECT_EQ(read_texts(R"({"a":"1","b":{"c":"2","d":{"e":"3"}}})", {{"b", "d", "e"}, {"a"}, {"b", "c"}}).value(),
            (texts{"3", "1", "2"}));
}

TEST(ReadTexts, LeavesEmptyWhatIsAbsentOrNoText) {
  EXPECT_EQ(read_texts(R"({"a":1,"b":null,"c":{"c":"x"},"d":["d"]})", {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}}).value(),
            (texts{"", "", "", "", ""}));
}

TEST(ReadTexts, DoesNotTakeAListForAnObject) {
  EXPECT_EQ(read_texts(R"([{"a":"1"}])", {{"a"}}).value(), texts{""});
  EXPECT_EQ(read_texts(R"({"a":[{"b":"1"}]})", {{"a", "b"}}).value(), texts{""});
}

TEST(ReadTexts, DoesNotConfuseNeighbours) {
  EXPECT_EQ(read_texts(R"({"x":{"b":"1"},"a":{"x":{"b":"2"}},"b":"3"})", {{"a", "b"}}).value(), texts{""});
}

TEST(ReadTexts, RefusesWhatIsNotJson) {
  EXPECT_EQ(read_texts("{", {{"a"}}).error(), errc::json_invalid);
  EXPECT_EQ(read_texts(std::string(1000, '['), {{"a"}}).error(), errc::json_too_deep);
}

TEST(ReadUniqueTexts, FindsWhatReadTextsFinds) {
  EXPECT_EQ(read_unique_texts(R"({"a":"1","b":{"c":"2","d":{"e":"3"}}})", {{"b", "d", "e"}, {"a"}, {"b", "c"}}).value(),
            (texts{"3", "1", "2"}));
}

TEST(ReadUniqueTexts, RefusesAKeyThatIsTwiceOnAPath) {
  for (const auto* text : {R"({"a":{"b":"1"},"a":{"b":"2"}})", R"({"a":{"b":"1","b":"1"}})", R"({"a":1,"a":{"b":"1"}})",
                           R"({"a":{"b":"1"},"c":0,"a":null})", R"({"a":{"b":{"c":1},"b":2}})"}) {
    EXPECT_EQ(read_unique_texts(text, {{"c"}, {"a", "b"}}).error(), errc::json_repeated_key) << text;
    EXPECT_TRUE(read_texts(text, {{"c"}, {"a", "b"}})) << text;
  }
}

TEST(ReadUniqueTexts, DoesNotMindWhatIsTwiceElsewhere) {
  EXPECT_EQ(read_unique_texts(R"({"x":1,"x":2,"a":{"a":3,"a":4,"b":"1"},"b":5,"c":[{"b":1},{"b":2}],"b":6})",
                              {{"a", "b"}, {"c", "b"}})
                .value(),
            (texts{"1", ""}));
}

}  // namespace
}  // namespace sidecar::json
