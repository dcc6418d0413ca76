#include "sidecar/base/json_fields.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sidecar::json {
namespace {

using boost::system::error_code;

/// Records the events in one line.
class recorder : public events {
 public:
  std::string seen;

  error_code null() override { return add("null "); }
  error_code boolean(bool value) override { return add(value ? "true " : "false "); }
  error_code number() override { return add("number "); }
  error_code string(std::string_view value) override { return add('"' + std::string{value} + "\" "); }
  error_code start_object() override { return add("{ "); }
  error_code key(std::string_view name) override { return add(std::string{name} + ": "); }
  error_code end_object() override { return add("} "); }
  error_code start_array() override { return add("[ "); }
  error_code end_array() override { return add("] "); }

 private:
  error_code add(const std::string& event) {
    seen += event;
    return {};
  }
};

std::string member_of(std::string_view text, std::string_view name) {
  recorder written;
  const auto done = read_member(text, name, written);
  return done ? written.seen : done.error().message();
}

TEST(ReadMember, PassesItsValueOnly) {
  EXPECT_EQ(member_of(R"({"a":1,"b":{"c":[true,null,{"d":"e"}]},"f":{"b":2}})", "b"),
            R"({ c: [ true null { d: "e" } ] } )");
}

TEST(ReadMember, PassesAValueOfAnyType) {
  EXPECT_EQ(member_of(R"({"a":"x","b":1})", "a"), R"("x" )");
  EXPECT_EQ(member_of(R"({"b":[1],"a":null})", "a"), "null ");
  EXPECT_EQ(member_of(R"({"b":[1],"a":[]})", "a"), "[ ] ");
  EXPECT_EQ(member_of(R"({"a":false})", "a"), "false ");
}

TEST(ReadMember, PassesAnIntegerAsOne) {
  class integer_recorder : public recorder {
   public:
    std::int64_t last = 0;

   private:
    error_code integer(std::int64_t value) override {
      last = value;
      return {};
    }
  } recording;
  ASSERT_TRUE(read_member(R"({"a":1,"b":{"c":-42},"d":3})", "b", recording));
  EXPECT_EQ(recording.last, -42);
}

TEST(ReadMember, PassesNothingWithoutSuchAMember) {
  EXPECT_EQ(member_of(R"({"b":{"a":1}})", "a"), "");
  EXPECT_EQ(member_of(R"([{"a":1}])", "a"), "");
  EXPECT_EQ(member_of(R"("a")", "a"), "");
}

TEST(ReadMember, RefusesADuplicateMemberAndInvalidJson) {
  EXPECT_EQ(member_of(R"({"a":1,"b":2,"a":3})", "a"), make_error_code(errc::json_duplicate_key).message());
  EXPECT_EQ(member_of(R"({"a":1,"b":2,"b":3})", "a"), "number ");
  EXPECT_EQ(member_of(R"({"a":1)", "a"), make_error_code(errc::json_invalid).message());
}

TEST(ReadMember, StopsAtTheHandlersError) {
  class refuser : public recorder {
    error_code number() override { return errc::json_wrong_type; }
  } refusing;
  EXPECT_TRUE(read_member(R"({"a":1,"b":"x"})", "b", refusing));
  EXPECT_EQ(read_member(R"({"a":1,"b":[1]})", "b", refusing).error(), errc::json_wrong_type);
}

TEST(ReadMember, TheDepthOfTheWholeDocumentIsLimited) {
  const std::string lists(max_depth - 1, '[');
  const std::string ends(max_depth - 1, ']');
  EXPECT_NE(member_of(R"({"a":)" + lists + ends + "}", "a"), make_error_code(errc::json_too_deep).message());
  EXPECT_EQ(member_of(R"({"a":[)" + lists + ends + "]}", "a"), make_error_code(errc::json_too_deep).message());
  EXPECT_EQ(member_of(R"({"b":[)" + lists + ends + "]}", "a"), make_error_code(errc::json_too_deep).message());
}

TEST(ReadMember, NamesAreComparedDecoded) {
  EXPECT_EQ(member_of(R"({"\u0061":1,"A":[]})", "a"), "number ");
  EXPECT_EQ(member_of(R"({"":1})", ""), "number ");
}

using texts = std::vector<std::string>;

TEST(ReadTexts, FindsTheStringAtEachPath) {
  EXPECT_EQ(read_texts(R"({"a":"1","b":{"c":"2","d":{"e":"3"}}})", {{"b", "d", "e"}, {"a"}, {"b", "c"}}).value(),
            (texts{"3", "1", "2"}));
}

TEST(ReadTexts, IsEmptyForAbsentFieldsAndOtherTypes) {
  EXPECT_EQ(read_texts(R"({"a":1,"b":null,"c":{"c":"x"},"d":["d"]})", {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}}).value(),
            (texts{"", "", "", "", ""}));
}

TEST(ReadTexts, DoesNotEnterArrays) {
  EXPECT_EQ(read_texts(R"([{"a":"1"}])", {{"a"}}).value(), texts{""});
  EXPECT_EQ(read_texts(R"({"a":[{"b":"1"}]})", {{"a", "b"}}).value(), texts{""});
}

TEST(ReadTexts, IgnoresTheSameKeyOnOtherPaths) {
  EXPECT_EQ(read_texts(R"({"a":{"b":"1","c":{"b":"2"}},"c":{"b":"3"},"b":"4"})", {{"a", "b"}}).value(), texts{"1"});
  EXPECT_EQ(read_texts(R"({"a":{"b":{"c":"1"},"x":{"c":"2"}},"c":["3"]})", {{"a", "b", "c"}}).value(), texts{"1"});
  EXPECT_EQ(read_texts(R"({"x":{"b":"1"},"a":{"x":{"b":"2"}},"b":"3"})", {{"a", "b"}}).value(), texts{""});
}

TEST(ReadTexts, TheLastOfADuplicateKeyCounts) {
  EXPECT_EQ(read_texts(R"({"a":{"b":"1","b":"2"},"a":{"b":"3"}})", {{"a", "b"}}).value(), texts{"3"});
}

TEST(ReadTexts, RefusesInvalidJson) {
  EXPECT_EQ(read_texts("{", {{"a"}}).error(), errc::json_invalid);
  EXPECT_EQ(read_texts(std::string(1000, '['), {{"a"}}).error(), errc::json_too_deep);
}

TEST(ReadUniqueTexts, FindsTheSameStrings) {
  EXPECT_EQ(read_unique_texts(R"({"a":"1","b":{"c":"2","d":{"e":"3"}}})", {{"b", "d", "e"}, {"a"}, {"b", "c"}}).value(),
            (texts{"3", "1", "2"}));
}

TEST(ReadUniqueTexts, RefusesADuplicateKeyOnAPath) {
  for (const auto* text : {R"({"a":{"b":"1"},"a":{"b":"2"}})", R"({"a":{"b":"1","b":"1"}})", R"({"a":1,"a":{"b":"1"}})",
                           R"({"a":{"b":"1"},"c":0,"a":null})", R"({"a":{"b":{"c":1},"b":2}})"}) {
    EXPECT_EQ(read_unique_texts(text, {{"c"}, {"a", "b"}}).error(), errc::json_duplicate_key) << text;
    EXPECT_TRUE(read_texts(text, {{"c"}, {"a", "b"}})) << text;
  }
}

TEST(ReadUniqueTexts, AcceptsDuplicateKeysElsewhere) {
  EXPECT_EQ(read_unique_texts(R"({"x":1,"x":2,"a":{"a":3,"a":4,"b":"1"},"b":5,"c":[{"b":1},{"b":2}],"b":6})",
                              {{"a", "b"}, {"c", "b"}})
                .value(),
            (texts{"1", ""}));
}

}  // namespace
}  // namespace sidecar::json
