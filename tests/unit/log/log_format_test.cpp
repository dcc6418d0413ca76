#include "sidecar/base/log_format.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
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

TEST(Printable, ShowsAnyByteOnOneLine) {
  const std::pair<std::string, const char*> rows[] = {{"", ""},
                                                      {"a b=c", "a b=c"},
                                                      {"a\r\nb\tc", R"(a\r\nb\tc)"},
                                                      {R"("\)", R"(\"\\)"},
                                                      {"a\0b"s, R"(a\x00b)"},
                                                      {"\x1b[2J", R"(\x1b[2J)"},
                                                      {"\x7f", R"(\x7f)"},
                                                      {"caf\xc3\xa9 \xf0\x9f\x9a\x91", "caf\xc3\xa9 \xf0\x9f\x9a\x91"},
                                                      {"\x80x", R"(\x80x)"},
                                                      {"\xe2\x82", R"(\xe2\x82)"},
                                                      {"\xc0\xaf", R"(\xc0\xaf)"},
                                                      {"\xe0\x80\xaf", R"(\xe0\x80\xaf)"},
                                                      {"\xed\xa0\x80", R"(\xed\xa0\x80)"},
                                                      {"\xf4\x90\x80\x80", R"(\xf4\x90\x80\x80)"},
                                                      {"\xff", R"(\xff)"},
                                                      {"\xe2\x80\xa8", R"(\u2028)"},
                                                      {"\xe2\x80\xa9", R"(\u2029)"},
                                                      {"\xc2\x85", R"(\u0085)"},
                                                      {"\xe2\x80\xae", R"(\u202e)"},
                                                      {"\xef\xbb\xbf", R"(\ufeff)"}};
  for (const auto& [given, shown] : rows) EXPECT_EQ(printable(given), shown);
}

TEST(Printable, CutsBetweenCodePointsAndEscapes) {
  const struct {
    const char* given;
    std::size_t limit;
    const char* shown;
  } rows[] = {{"abcdef", 6, "abcdef"},       {"abcdefg", 6, "abc..."}, {"ab\x01xyz", 7, "ab..."},
              {"ab\xc3\xa9xyz", 6, "ab..."}, {"abcdefg", 2, ".."},     {"abc", 0, ""}};
  for (const auto& row : rows) EXPECT_EQ(printable(row.given, row.limit), row.shown);
}

TEST(TextLine, HasTimeLevelMessageAndFields) {
  EXPECT_EQ(text("pod is ready", {{"pod", "web-0"}, {"reason", "two words"}}),
            "2026-11-22T05:43:11.123Z info  pod is ready pod=web-0 reason=\"two words\"");
  EXPECT_EQ(text("m", {{"a", "x=y"}, {"b", ""}, {"c", "q\"q"}, {"d", "x\ny=z"}}),
            R"(2026-11-22T05:43:11.123Z info  m a="x=y" b="" c="q\"q" d="x\ny=z")");
  EXPECT_EQ(text("X=\"a\\n\"\nY"), "2026-11-22T05:43:11.123Z info  X=\"a\\n\"\\nY");
}

TEST(TextLine, AlignsLevelsAndFormatsTimesBeforeTheEpoch) {
  const std::chrono::system_clock::time_point early = std::chrono::sys_days{std::chrono::year{1969} / 12 / 31} + 1ms;
  EXPECT_EQ(format_line(early, level::error, "m", {}, format::text), "1969-12-31T00:00:00.001Z error m");
  EXPECT_EQ(format_line(moment, level::warn, "m", {}, format::text), "2026-11-22T05:43:11.123Z warn  m");
  EXPECT_EQ(format_line(moment, level::debug, "m", {}, format::text), "2026-11-22T05:43:11.123Z debug m");
}

TEST(JsonLine, IsOneObjectWithTimeLevelMessageAndFields) {
  EXPECT_EQ(json("pod is ready", {{"pod", "web-0"}, {"reason", "two \"words\"\n"}}),
            R"({"time":"2026-11-22T05:43:11.123Z","level":"info","message":"pod is ready","pod":"web-0",)"
            R"("reason":"two \"words\"\n"})");
}

TEST(JsonLine, CarriesControlBytesFaithfullyAndReplacesInvalidUtf8) {
  const auto read = nlohmann::json::parse(json("a\xff!", {{"v", "\x1b\x7f\0\xe2\x80\xa8"s}}));
  EXPECT_EQ(read["message"], "a\xef\xbf\xbd!");
  EXPECT_EQ(read["v"], "\x1b\x7f\0\xe2\x80\xa8"s);
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

}  // namespace
}  // namespace sidecar::log
