#include "sidecar/base/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/recording.hpp"

namespace sidecar::json {
namespace {

using boost::system::error_code;
using namespace std::string_literals;

/// Writes the events down, one text each: 's' and 'k' begin a string's and a key's.
class recorder : public events {
 public:
  std::vector<std::string> seen;

  error_code null() override { return add("null"); }
  error_code boolean(bool value) override { return add(value ? "true" : "false"); }
  error_code number() override { return add("number"); }
  error_code string(std::string_view value) override { return add("s" + std::string(value)); }
  error_code start_object() override { return add("{"); }
  error_code key(std::string_view name) override { return add("k" + std::string(name)); }
  error_code end_object() override { return add("}"); }
  error_code start_array() override { return add("["); }
  error_code end_array() override { return add("]"); }

 private:
  error_code add(std::string event) {
    seen.push_back(std::move(event));
    return {};
  }
};

/// The same from nlohmann's reader with nothing left out of its input.
struct plain_reader {
  std::vector<std::string> seen;

  bool null() { return add("null"); }
  bool boolean(bool value) { return add(value ? "true" : "false"); }
  bool number_integer(std::int64_t) { return add("number"); }
  bool number_unsigned(std::uint64_t) { return add("number"); }
  bool number_float(double, const std::string&) { return add("number"); }
  bool string(const std::string& value) { return add("s" + value); }
  bool key(const std::string& name) { return add("k" + name); }
  bool binary(const nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return add("{"); }
  bool end_object() { return add("}"); }
  bool start_array(std::size_t) { return add("["); }
  bool end_array() { return add("]"); }
  bool parse_error(std::size_t, const std::string&, const std::exception&) { return false; }

 private:
  bool add(std::string event) {
    seen.push_back(std::move(event));
    return true;
  }
};

error_code outcome_of(std::string_view text) {
  recorder handler;
  const auto outcome = read(text, handler);
  return outcome ? error_code() : outcome.error();
}

std::string only_string_of(std::string_view text) {
  recorder handler;
  if (!read(text, handler) || handler.seen.size() != 1) return "(not one string)";
  return handler.seen[0].substr(1);
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string whole;
  while (times-- > 0) whole += part;
  return whole;
}

TEST(ReadJson, EventsArriveInDocumentOrder) {
  recorder handler;
  ASSERT_TRUE(read(R"({"a":[1,-2.5e3,"x"],"b":{"c":null,"d":true,"":false},"e":[]})", handler));
  const std::vector<std::string> expected{"{",    "ka", "[",    "number", "number", "sx", "]",  "kb", "{", "kc",
                                          "null", "kd", "true", "k",      "false",  "}",  "ke", "[",  "]", "}"};
  EXPECT_EQ(handler.seen, expected);
}

TEST(ReadJson, AcceptsWhatRfc8259Allows) {
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
      {"repeated keys, which are the handler's business", R"({"a":1,"a":2})"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(outcome_of(row.text), error_code());
  }
}

TEST(ReadJson, RejectsWhatIsNotOneJsonDocument) {
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

TEST(ReadJson, DepthIsLimitedToSixtyFour) {
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

TEST(ReadJson, DepthCountsWhatIsOpenNotWhatWasOpened) {
  EXPECT_EQ(outcome_of("[" + repeated("[{}],", 1000) + "0]"), error_code());
}

TEST(ReadJson, AMegabyteOfBracketsIsTooDeepAndNotACrash) {
  EXPECT_EQ(outcome_of(std::string(1'000'000, '[')), errc::json_too_deep);
  EXPECT_EQ(outcome_of(repeated("{\"a\":", 200'000)), errc::json_too_deep);
}

TEST(ReadJson, BracketsInAStringAreNoDepth) {
  EXPECT_EQ(outcome_of("{\"a\":\"" + std::string(200'000, '[') + "\"}"), error_code());
  EXPECT_EQ(outcome_of("{\"a\":\"" + repeated("{\\\"a\\\":", 50'000) + "\"}"), error_code());
}

TEST(ReadJson, AHandlersErrorStopsTheReadingAndIsReturned) {
  struct stops_at_key final : recorder {
    error_code key(std::string_view) override { return errc::json_repeated_key; }
  } handler;
  const auto outcome = read(R"({"a":1} and this is never looked at)", handler);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), errc::json_repeated_key);
  EXPECT_EQ(handler.seen, std::vector<std::string>{"{"});
}

TEST(ReadJson, AHandlerThatThrowsDoesNotThrowThroughRead) {
  struct lacks_memory final : recorder {
    error_code start_object() override { throw std::bad_alloc(); }
  } poor;
  EXPECT_EQ(read("{}", poor).error(), boost::system::errc::not_enough_memory);
  struct throws final : recorder {
    error_code start_object() override { throw std::length_error("too long"); }
  } handler;
  EXPECT_EQ(read("{}", handler).error(), errc::json_invalid);
}

TEST(ReadJson, EveryEscapeArrivesDecoded) {
  EXPECT_EQ(only_string_of(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(only_string_of(R"("a\n\u0041\uD83D\uDE00 end")"), "a\nA\xF0\x9F\x98\x80 end");
}

TEST(ReadJson, ALongStringOfPlainTextArrivesWhole) {
  const std::string text(200'000, 'x');
  EXPECT_EQ(only_string_of("\"" + text + "\""), text);
}

TEST(ReadJson, AStringOfAThousandBytesArrivesWholeWhateverItHolds) {
  EXPECT_EQ(only_string_of("\"" + repeated("\\u0041", 1024) + "\""), std::string(1024, 'A'));
  EXPECT_EQ(only_string_of("\"" + repeated("a\\n", 512) + "\""), repeated("a\n", 512));
  EXPECT_EQ(only_string_of("\"" + repeated("\xC3\xA9", 512) + "\""), repeated("\xC3\xA9", 512));
}

TEST(ReadJson, ALongerStringWithEscapesKeepsItsFirstThousandBytes) {
  for (const std::string& part :
       {"a\\n"s, "\\u0041"s, "\xC3\xA9"s, "\\uD83D\\uDE00"s, "\\n" + std::string(5000, 'x')}) {
    SCOPED_TRACE(part.substr(0, 20));
    const std::string text = "\"" + repeated(part, part.size() > 1000 ? 40 : 4000) + "\"";
    plain_reader whole;
    ASSERT_TRUE(nlohmann::json::sax_parse(text, &whole));
    const std::string got = only_string_of(text);
    ASSERT_GE(got.size(), 1024u);
    EXPECT_EQ(got.substr(0, 1024), whole.seen[0].substr(1, 1024));
  }
}

TEST(ReadJson, ALongStringWithAnEscapeIsNotCopiedWhole) {
  EXPECT_EQ(only_string_of("\"\\n" + std::string(200'000, 'x') + "\"").size(), 1024u);
}

// Each would become valid if the plain bytes in it were left out without care.
TEST(ReadJson, AnErrorInALongStringIsNotHealedByWhatIsLeftOut) {
  const std::string lead = "\\u0041" + std::string(10'000, 'x');
  const std::string run(10'000, 'y');
  const struct {
    const char* name;
    std::string bad;
  } rows[] = {
      {"surrogates a run apart", "\\uD83D" + run + "\\uDE00"},
      {"surrogates one byte apart", "\\uD83Dy\\uDE00"},
      {"surrogates a simple escape apart", "\\uD83D\\n\\uDE00"},
      {"surrogates many simple escapes apart", "\\uD83D" + repeated("\\n", 5000) + "\\uDE00"},
      {"UTF-8 a run apart", "\xC3" + run + "\xA9"},
      {"UTF-8 one byte apart", "\xC3y\xA9"},
      {"UTF-8 a simple escape apart", "\xC3\\\"\xA9"},
      {"hexadecimal digits a run apart", "\\u00" + run + "41"},
      {"too few digits before a simple escape", "\\u00\\n" + run},
      {"a control byte between runs", run + "\n" + run},
      {"a lone continuation between runs", run + "\x80" + run},
      {"an unknown escape between runs", run + "\\x" + run},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(outcome_of("\"" + lead + row.bad + "\""), errc::json_invalid);
    EXPECT_EQ(outcome_of("\"" + lead + row.bad + run + "\""), errc::json_invalid);
  }
}

TEST(ReadJson, ALongStringMayEndAnywhereAroundWhatIsLeftOut) {
  for (std::size_t length = 6 * 1024 - 40; length < 6 * 1024 + 40; ++length) {
    SCOPED_TRACE(length);
    const std::string inside = "\\u0041" + std::string(length - 6, 'x');
    EXPECT_EQ(outcome_of("[\"" + inside + "\",\"next\"]"), error_code());
    EXPECT_EQ(outcome_of("[\"" + inside + "\\\"\"]"), error_code());
    EXPECT_EQ(outcome_of("[\"" + inside), errc::json_invalid);
    EXPECT_EQ(outcome_of("[\"" + inside + "\\"), errc::json_invalid);
    EXPECT_EQ(outcome_of("[\"" + inside + "\\\"]"), errc::json_invalid);
  }
}

TEST(ReadJson, AnErrorWhereTheLeavingOutBeginsIsNotHealed) {
  const std::string run(20, 'y');
  for (std::size_t length = 6 * 1024 - 20; length < 6 * 1024 + 20; ++length) {
    SCOPED_TRACE(length);
    const std::string inside = "\"\\u0041" + std::string(length - 6, 'x');
    EXPECT_EQ(outcome_of(inside + "\xC3" + run + "\xA9\""), errc::json_invalid);
    EXPECT_EQ(outcome_of(inside + "\\uD83D" + run + "\\uDE00\""), errc::json_invalid);
    EXPECT_EQ(outcome_of(inside + "\\u00" + run + "41\""), errc::json_invalid);
    EXPECT_EQ(outcome_of(inside + "\xC3\xA9" + run + "\\uD83D\\uDE00\\u0041\""), error_code());
  }
}

/// Documents, mostly valid, with everything that the shortening has to be careful about.
class generator {
 public:
  explicit generator(unsigned seed) : random_(seed) {}

  std::string document() {
    std::string text = value(0);
    for (std::size_t edits = below(3) == 0 ? 1 + below(3) : 0; edits > 0; --edits) mutate(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }

  std::string value(std::size_t depth) {
    static const std::vector<std::string> scalars{"null", "true", "false", "0", "-1.5e3", "12345678901234567890123"};
    const std::size_t kind = below(depth < 4 ? 6 : 3);
    if (kind < 2) return string();
    if (kind == 2) return scalars[below(scalars.size())];
    std::string inside;
    for (std::size_t members = below(5); members > 0; --members) {
      if (!inside.empty()) inside += below(4) == 0 ? " ,\n" : ",";
      if (kind == 3) inside += string() + (below(4) == 0 ? " : " : ":");
      inside += value(depth + 1);
    }
    return kind == 3 ? "{" + inside + "}" : "[" + inside + "]";
  }

  std::string string() {
    static const std::vector<std::string> parts{
        "a", "{\\\"", "\\\\", "\\n", "\\u00e9", "\xC3\xA9", "\\uD83D\\uDE00", "\xF0\x9F\x98\x80", "[],:{}//", "\x7F"};
    const std::size_t wanted = below(30) == 0 ? 5000 + below(4000) : below(below(6) == 0 ? 200 : 24);
    const bool plain = below(2) == 0;
    std::string inside;
    while (inside.size() < wanted) {
      if (plain || below(3) == 0) inside.append(below(wanted > 1000 ? 600 : 20), 'x');
      if (!plain) inside += parts[below(parts.size())];
    }
    return "\"" + inside + "\"";
  }

  void mutate(std::string& text) {
    static const std::vector<std::string> inserts{"\"", "\\", "\\u", "\\uD83D", "\xC3", "\xA9",
                                                  "\n", "}",  "]",   ",",       "x",    " "};
    if (text.empty()) return;
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text.erase(at, 1 + below(8));
        break;
      case 1:
        text.insert(at, inserts[below(inserts.size())]);
        break;
      case 2:
        text[at] = static_cast<char>(1 + below(255));
        break;
      case 3:
        text.insert(at, text.substr(below(text.size()), 1 + below(40)));
        break;
      default:
        text.resize(1 + at);
    }
  }

  std::mt19937 random_;
};

/// The same event, or the same long text shortened to no less than was promised.
bool match(const std::string& got, const std::string& whole) {
  if (got == whole) return true;
  return whole.size() > 1025 && got.size() >= 1025 && got.size() < whole.size() &&
         got.compare(0, 1025, whole, 0, 1025) == 0;
}

TEST(ReadJson, AgreesWithNlohmannsOwnReadingOfWholeTexts) {
  generator documents(20260601);
  std::size_t valid = 0;
  constexpr std::size_t count = 4000;
  for (std::size_t i = 0; i < count; ++i) {
    SCOPED_TRACE(i);
    const std::string text = documents.document();
    plain_reader whole;
    const bool is_valid = nlohmann::json::sax_parse(text, &whole);
    recorder handler;
    ASSERT_EQ(read(text, handler).has_value(), is_valid) << text;
    ASSERT_TRUE(std::ranges::equal(handler.seen, whole.seen, match)) << text;
    valid += is_valid;
  }
  // Neither outcome may be a rarity, or the agreement says little.
  EXPECT_GT(valid, count / 2);
  EXPECT_LT(valid, count - count / 10);
}

TEST(ReadJson, EveryTruncationOfAPodIsRejected) {
  const std::string pod = test::recorded_body("pod-native-sidecar");
  ASSERT_EQ(outcome_of(pod), error_code());
  const std::size_t end = pod.rfind('}');
  for (std::size_t length = 0; length <= end; ++length)
    ASSERT_EQ(outcome_of(std::string_view(pod).substr(0, length)), errc::json_invalid) << length;
}

}  // namespace
}  // namespace sidecar::json
