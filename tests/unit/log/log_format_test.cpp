#include "sidecar/base/log_format.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace sidecar::log {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr std::chrono::system_clock::time_point moment =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 5h + 43min + 11s + 123ms;

std::string text(std::string_view message, fields extra = {}) {
  return format_line(moment, level::info, message, extra, format::text);
}
std::string json(std::string_view message, fields extra = {}) {
  return format_line(moment, level::info, message, extra, format::json);
}

struct row {
  std::string name;
  std::string given;
  std::string shown;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class Printable : public testing::TestWithParam<row> {};

TEST_P(Printable, ShowsAnyByteOnOneLine) { EXPECT_EQ(printable(GetParam().given), GetParam().shown); }

INSTANTIATE_TEST_SUITE_P(
    Rows, Printable,
    testing::Values(
        row{"Empty", "", ""}, row{"PlainText", "a b=c", "a b=c"}, row{"LineEnds", "a\r\nb\tc", R"(a\r\nb\tc)"},
        row{"QuotesAndBackslashes", R"("\)", R"(\"\\)"}, row{"Nul", "a\0b"s, R"(a\x00b)"},
        row{"TerminalEscape", "\x1b[2J", R"(\x1b[2J)"}, row{"Del", "\x7f", R"(\x7f)"},
        row{"Utf8StaysAsItIs", "caf\xc3\xa9 \xf0\x9f\x9a\x91", "caf\xc3\xa9 \xf0\x9f\x9a\x91"},
        row{"StrayContinuation", "\x80x", R"(\x80x)"}, row{"CutSequence", "\xe2\x82", R"(\xe2\x82)"},
        row{"Overlong", "\xc0\xaf", R"(\xc0\xaf)"}, row{"OverlongOfThree", "\xe0\x80\xaf", R"(\xe0\x80\xaf)"},
        row{"Surrogate", "\xed\xa0\x80", R"(\xed\xa0\x80)"},
        row{"BeyondUnicode", "\xf4\x90\x80\x80", R"(\xf4\x90\x80\x80)"}, row{"ByteThatUtf8NeverHas", "\xff", R"(\xff)"},
        row{"LineSeparator", "\xe2\x80\xa8", R"(\u2028)"}, row{"ParagraphSeparator", "\xe2\x80\xa9", R"(\u2029)"},
        row{"NextLine", "\xc2\x85", R"(\u0085)"}, row{"RightToLeftOverride", "\xe2\x80\xae", R"(\u202e)"},
        row{"ByteOrderMark", "\xef\xbb\xbf", R"(\ufeff)"}),
    [](const auto& tested) { return tested.param.name; });

TEST(PrintableLimit, KeepsTextOfExactlyTheLimit) { EXPECT_EQ(printable("abcdef", 6), "abcdef"); }
TEST(PrintableLimit, EndsInAnEllipsisWhenCut) { EXPECT_EQ(printable("abcdefg", 6), "abc..."); }
TEST(PrintableLimit, NeverCutsAnEscape) { EXPECT_EQ(printable("ab\x01xyz", 7), "ab..."); }
TEST(PrintableLimit, NeverCutsACodePoint) { EXPECT_EQ(printable("ab\xc3\xa9xyz", 6), "ab..."); }
TEST(PrintableLimit, AppliesBelowTheLengthOfTheEllipsis) { EXPECT_EQ(printable("abcdefg", 2), ".."); }
TEST(PrintableLimit, OfZeroLeavesNothing) { EXPECT_EQ(printable("abc", 0), ""); }

TEST(TextLine, HasTimeLevelMessageAndFields) {
  EXPECT_EQ(text("pod is ready", {{"pod", "web-0"}, {"reason", "two words"}}),
            "2026-11-22T05:43:11.123Z info  pod is ready pod=web-0 reason=\"two words\"");
}

TEST(TextLine, AlignsLevels) {
  EXPECT_EQ(format_line(moment, level::error, "m", {}, format::text), "2026-11-22T05:43:11.123Z error m");
  EXPECT_EQ(format_line(moment, level::warn, "m", {}, format::text), "2026-11-22T05:43:11.123Z warn  m");
  EXPECT_EQ(format_line(moment, level::debug, "m", {}, format::text), "2026-11-22T05:43:11.123Z debug m");
}

TEST(TextLine, FormatsTimesBeforeTheEpoch) {
  const std::chrono::system_clock::time_point early = std::chrono::sys_days{std::chrono::year{1969} / 12 / 31} + 1ms;
  EXPECT_EQ(format_line(early, level::info, "m", {}, format::text), "1969-12-31T00:00:00.001Z info  m");
}

TEST(TextLine, QuotesValuesThatLookLikeFields) {
  EXPECT_EQ(text("m", {{"a", "x=y"}, {"b", ""}, {"c", "q\"q"}, {"d", "x\ny=z"}}),
            R"(2026-11-22T05:43:11.123Z info  m a="x=y" b="" c="q\"q" d="x\ny=z")");
}

TEST(TextLine, KeepsQuotesOfAMessageAndEscapesItsLineEnds) {
  EXPECT_EQ(text("X=\"a\\n\"\nY"), "2026-11-22T05:43:11.123Z info  X=\"a\\n\"\\nY");
}

TEST(JsonLine, IsOneObjectWithTimeLevelMessageAndFields) {
  EXPECT_EQ(json("pod is ready", {{"pod", "web-0"}, {"reason", "two \"words\"\n"}}),
            R"({"time":"2026-11-22T05:43:11.123Z","level":"info","message":"pod is ready","pod":"web-0",)"
            R"("reason":"two \"words\"\n"})");
}

TEST(JsonLine, ReplacesInvalidUtf8) {
  EXPECT_EQ(nlohmann::json::parse(json("a\xff"
                                       "b"))["message"],
            "a\xef\xbf\xbd"
            "b");
}

TEST(JsonLine, CarriesControlBytesFaithfully) {
  EXPECT_EQ(nlohmann::json::parse(json("m", {{"v", "\x1b\x7f\0\xe2\x80\xa8"s}}))["v"], "\x1b\x7f\0\xe2\x80\xa8"s);
}

TEST(JsonLine, RenamesFieldsWithReservedNames) {
  const auto read = nlohmann::json::parse(json("real", {{"message", "fake"}, {"level", "fake"}, {"a b\"", "x"}}));
  EXPECT_EQ(read["message"], "real");
  EXPECT_EQ(read["level"], "info");
  EXPECT_EQ(read["message_"], "fake");
  EXPECT_EQ(read["a_b_"], "x");
}

TEST(LineLimit, ShortensMessagesAndValues) {
  const std::string line = text(std::string(5'000, 'm'), {{"v", std::string(5'000, 'v')}});
  EXPECT_LE(line.size(), max_message + max_field + 64);
  EXPECT_NE(line.find("mmm... v=\"vvv"), std::string::npos);
}

TEST(LineLimit, LeavesOutFieldsThatDoNotFitAndMarksTheLine) {
  const std::string big(max_field, 'v');
  const std::vector<field> many{{"a", big}, {"b", big}, {"c", big}, {"d", big},
                                {"e", big}, {"f", big}, {"g", big}, {"h", big}};
  EXPECT_LE(text("m", many).size(), max_line);
  EXPECT_TRUE(text("m", many).ends_with(" truncated=true"));
  EXPECT_LE(json("m", many).size(), max_line);
  EXPECT_EQ(nlohmann::json::parse(json("m", many))["truncated"], true);
}

bool is_one_printable_line(std::string_view line) {
  return std::ranges::none_of(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

TEST(AnyBytes, GiveOneBoundedValidLine) {
  constexpr std::string_view awkward = "\\\"\n\xe2\x80\xa8\xf0\xed=";
  std::mt19937 random{20261122};
  const auto bytes = [&random, awkward] {
    std::string out(random() % 3'000, '\0');
    for (char& c : out) {
      c = random() % 4 == 0 ? awkward[random() % awkward.size()] : static_cast<char>(random() % 256);
    }
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    const std::string first_name = bytes();
    const std::string second_name = bytes();
    const std::vector<field> extra{
        {first_name, bytes()}, {second_name, bytes()}, {"x", bytes()}, {"y", bytes()}, {"z", bytes()}};
    const std::string message = bytes();
    const std::string plain = text(message, extra);
    EXPECT_LE(plain.size(), max_line);
    EXPECT_TRUE(is_one_printable_line(plain));
    EXPECT_TRUE(nlohmann::json::accept(json(message, extra)));
    const std::size_t limit = random() % 300;
    EXPECT_LE(printable(message, limit).size(), limit);
  }
}

}  // namespace
}  // namespace sidecar::log
