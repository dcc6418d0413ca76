#include "sidecar/base/json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/recording.hpp"

namespace sidecar::json {
namespace {

using boost::system::error_code;
using namespace std::string_literals;

error_code outcome_of(std::string_view text) {
  const auto tree = read_tree(text);
  return tree ? error_code() : tree.error();
}

std::string only_string_of(std::string_view text) {
  const auto tree = read_tree(text);
  return tree && tree->type == value::kind::text ? tree->text : "(not one string)";
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string whole;
  while (times-- > 0) whole += part;
  return whole;
}

TEST(ParseJson, AcceptsWhatRfc8259Allows) {
  const struct {
    const char* name;
    std::string text;
  } rows[] = {
      {"white space around", " \t\r\n{} \n"},
      {"byte order mark", "\xEF\xBB\xBF{}"},
      {"a scalar alone", "true"},
      {"30 digits", "[123456789012345678901234567890, -123456789012345678901234567890]"},
      {"a fraction of 400 digits", "0." + std::string(400, '3')},
      {"a number too small for a double", "1e-999"},
      {"negative zero", "-0"},
      {"DEL in a string", "\"\x7F\""},
      {"four byte UTF-8", "\"\xF0\x9F\x98\x80\""},
      {"a surrogate pair", R"("\uD83D\uDE00")"},
      {"an escaped NUL", R"("\u0000")"},
      {"duplicate keys, which the caller judges", R"({"a":1,"a":2})"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(outcome_of(row.text), error_code());
  }
}

TEST(ParseJson, RejectsWhatIsNotOneJsonDocument) {
  const struct {
    const char* name;
    std::string text;
  } rows[] = {
      {"nothing", ""},
      {"white space", " \n"},
      {"a byte order mark alone", "\xEF\xBB\xBF"},
      {"half a byte order mark", "\xEF\xBB{}"},
      {"trailing garbage", "{}x"},
      {"two documents", "{}{}"},
      {"two documents on two lines", "{}\n{}\n"},
      {"a NUL behind the document", "{}\0"s},
      {"a NUL and garbage behind the document", "{}\0garbage"s},
      {"a NUL in a string", "\"a\0b\""s},
      {"NaN", "[NaN]"},
      {"Infinity", "[-Infinity]"},
      {"beyond a double", "[1e999]"},
      {"beyond a double, negative", "[-1e999]"},
      {"leading zero", "[01]"},
      {"plus sign", "[+1]"},
      {"hexadecimal", "[0x1]"},
      {"a line comment", "{} // done"},
      {"a block comment", "{/* \" */}"},
      {"a comma too many", "[1,]"},
      {"a comma too many in an object", R"({"a":1,})"},
      {"single quotes", "{'a':1}"},
      {"a key without quotes", "{a:1}"},
      {"a key that is a number", "{1:1}"},
      {"a capital literal", "[True]"},
      {"an object cut off", R"({"a":1)"},
      {"a string cut off", R"(["abc)"},
      {"an escape cut off", "\"abc\\"},
      {"a closing bracket of the wrong kind", "[}"},
      {"a line end in a string", "\"a\nb\""},
      {"a tab in a string", "\"a\tb\""},
      {"an unknown escape", R"("\x41")"},
      {"an escape of three digits", R"("\u041")"},
      {"a lone high surrogate", R"("\uD83D")"},
      {"a lone low surrogate", R"("\uDE00")"},
      {"a surrogate pair apart", R"("\uD83Da\uDE00")"},
      {"a lone UTF-8 continuation", "\"\x80\""},
      {"UTF-8 cut short", "\"\xC3\""},
      {"UTF-8 of overlong form", "\"\xC0\xAF\""},
      {"a UTF-8 surrogate", "\"\xED\xA0\x80\""},
      {"UTF-8 beyond Unicode", "\"\xF4\x90\x80\x80\""},
      {"UTF-16", "\xFF\xFE{\0}\0"s},
      {"gzip", "\x1F\x8B\x08\0\0\0\0\0"s},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(outcome_of(row.text), errc::json_invalid);
  }
}

TEST(ParseJson, DepthIsLimitedToSixtyFour) {
  const auto nested = [](std::string_view open, std::string_view close, std::size_t depth) {
    return repeated(open, depth) + "1" + repeated(close, depth);
  };
  EXPECT_EQ(outcome_of(nested("[", "]", 64)), error_code());
  EXPECT_EQ(outcome_of(nested("[", "]", 65)), errc::json_too_deep);
  EXPECT_EQ(outcome_of(nested("{\"a\":", "}", 64)), error_code());
  EXPECT_EQ(outcome_of(nested("{\"a\":", "}", 65)), errc::json_too_deep);
  EXPECT_EQ(outcome_of(nested("[{\"a\":", "}]", 32)), error_code());
  EXPECT_EQ(outcome_of(nested("[{\"a\":", "}]", 33)), errc::json_too_deep);
}

TEST(ParseJson, DepthIsLimitedInWhatIsNotKeptToo) {
  const auto outcome_without_a = [](const std::string& text) { return read_tree(text, all_but({"a"})); };
  EXPECT_TRUE(outcome_without_a(R"({"a":)" + repeated("[", 63) + repeated("]", 63) + "}"));
  EXPECT_EQ(outcome_without_a(R"({"a":)" + repeated("[", 64) + repeated("]", 64) + "}").error(), errc::json_too_deep);
  EXPECT_EQ(outcome_without_a(R"({"b":{"a":)" + repeated("[", 63)).error(), errc::json_too_deep);
}

TEST(ParseJson, DepthCountsOpenContainersOnly) {
  EXPECT_EQ(outcome_of("[" + repeated("[{}],", 1000) + "0]"), error_code());
}

TEST(ParseJson, AMegabyteOfBracketsIsTooDeep) {
  EXPECT_EQ(outcome_of(std::string(1'000'000, '[')), errc::json_too_deep);
  EXPECT_EQ(outcome_of(repeated("{\"a\":", 200'000)), errc::json_too_deep);
}

TEST(ParseJson, BracketsInAStringDoNotCount) {
  EXPECT_EQ(outcome_of("{\"a\":\"" + std::string(200'000, '[') + "\"}"), error_code());
  EXPECT_EQ(outcome_of("{\"a\":\"" + repeated("{\\\"a\\\":", 50'000) + "\"}"), error_code());
}

TEST(ParseJson, EveryEscapeArrivesDecoded) {
  EXPECT_EQ(only_string_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(only_string_of(R"("a\n\u0041\uD83D\uDE00 end")"), "a\nA\xF0\x9F\x98\x80 end");
}

TEST(ParseJson, ALongStringArrivesWhole) {
  EXPECT_EQ(only_string_of("\"" + std::string(200'000, 'x') + "\""), std::string(200'000, 'x'));
  EXPECT_EQ(only_string_of("\"" + repeated("a\\n\\u0041\xC3\xA9\\uD83D\\uDE00", 20'000) + "\""),
            repeated("a\nA\xC3\xA9\xF0\x9F\x98\x80", 20'000));
}

TEST(ParseJson, EveryTruncationOfAPodIsRejected) {
  const std::string pod = test::recorded_body("pod-native-sidecar");
  ASSERT_EQ(outcome_of(pod), error_code());
  const std::size_t end = pod.rfind('}');
  for (std::size_t length = 0; length <= end; ++length)
    ASSERT_EQ(outcome_of(std::string_view(pod).substr(0, length)), errc::json_invalid) << length;
}

}  // namespace
}  // namespace sidecar::json
