#include "sidecar/base/member_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sidecar::json {
namespace {

/// By which functions a document's member "a" can be read, and by which it cannot: '!' where it is not for its type.
struct as_types {
  explicit as_types(const value& document) {
    attempt('b', [&](auto& read) { read.boolean(document, "a"); });
    attempt('n', [&](auto& read) { read.integer(document, "a"); });
    attempt('t', [&](auto& read) { read.text(document, "a"); });
    attempt('T', [&](auto& read) { read.optional_text(document, "a"); });
    attempt('a', [&](auto& read) { read.list(document, "a"); });
    attempt('o', [&](auto& read) { read.object(document, "a"); });
  }

  template <class Read>
  void attempt(char name, Read read_it) {
    member_reader read;
    read_it(read);
    (read.error() ? refused : accepted) += name;
    if (read.error() && read.error() != errc::json_wrong_type) refused += '!';
  }

  std::string accepted;
  std::string refused;
};

TEST(MemberReader, TakesAValueOfTheTypeOrNone) {
  const struct {
    const char* document;
    const char* accepted;
    const char* refused;
  } rows[] = {
      {R"({"a":true})", "b", "ntTao"},
      {R"({"a":1})", "n", "btTao"},
      {R"({"a":1.5})", "", "bntTao"},
      {R"({"a":"x"})", "tT", "bnao"},
      {R"({"a":[1]})", "a", "bntTo"},
      {R"({"a":{"a":1}})", "o", "bntTa"},
      {R"({"a":null})", "bntTao", ""},
      {"{}", "bntTao", ""},
      {R"({"b":1,"A":2})", "bntTao", ""},
      {"null", "bntTao", ""},
      // What is no object has no members.
      {"[]", "", "bntTao"},
      {R"([{"a":true}])", "", "bntTao"},
      {R"("a")", "", "bntTao"},
      {"7", "", "bntTao"},
      {"false", "", "bntTao"},
      // Repeated: not wrong in type.
      {R"({"a":1,"a":1})", "", "b!n!t!T!a!o!"},
      {R"({"a":null,"b":1,"\u0061":null})", "", "b!n!t!T!a!o!"},
      {R"({"b":1,"b":2,"a":true})", "b", "ntTao"},
  };
  for (const auto& row : rows) {
    const as_types found(*read_tree(row.document));
    EXPECT_EQ(found.accepted, row.accepted) << row.document;
    EXPECT_EQ(found.refused, row.refused) << row.document;
  }
}

TEST(MemberReader, ReadsEachType) {
  const auto tree =
      *read_tree(R"({"text":"x","flag":true,"count":-7,"list":[{"a":"1"},null,{"a":"2"}],"in":{"a":"3"}})");
  member_reader read;
  EXPECT_EQ(read.text(tree, "text"), "x");
  EXPECT_EQ(read.optional_text(tree, "text"), "x");
  EXPECT_TRUE(read.boolean(tree, "flag"));
  EXPECT_EQ(read.integer(tree, "count"), -7);
  std::string listed;
  for (const auto& one : read.list(tree, "list")) listed += read.text(one, "a") + ';';
  EXPECT_EQ(listed, "1;;2;") << "null in a list is an object without members";
  EXPECT_EQ(read.text(read.object(tree, "in"), "a"), "3");
  EXPECT_EQ(read.error(), std::nullopt);
}

TEST(MemberReader, ReadsWhatIsAbsentAsEmpty) {
  const auto tree = *read_tree(R"({"a":null})");
  for (const auto* name : {"a", "b"}) {
    member_reader read;
    EXPECT_EQ(read.text(tree, name), "");
    EXPECT_EQ(read.optional_text(tree, name), std::nullopt);
    EXPECT_FALSE(read.boolean(tree, name));
    EXPECT_EQ(read.integer(tree, name), 0);
    EXPECT_TRUE(read.list(tree, name).empty());
    EXPECT_EQ(read.text(read.object(read.object(tree, name), "c"), "d"), "");
    EXPECT_EQ(read.error(), std::nullopt);
  }
}

TEST(MemberReader, AnIntegerIsOneOf64Bits) {
  for (const auto& [number, is_one] : {std::pair{"9223372036854775807", true},
                                       {"-9223372036854775808", true},
                                       {"9223372036854775808", false},
                                       {"-9223372036854775809", false},
                                       {"1.0", false},
                                       {"1e3", false}}) {
    member_reader read;
    read.integer(*read_tree(R"({"a":)" + std::string{number} + "}"), "a");
    EXPECT_EQ(read.error() != errc::json_wrong_type, is_one) << number;
  }
}

TEST(MemberReader, KeepsItsFirstErrorAndReadsTheRestAsEmpty) {
  const auto tree = *read_tree(R"({"a":{"b":["x"]},"c":1,"c":2,"d":"x"})");
  member_reader read;
  EXPECT_EQ(read.text(tree, "a"), "");
  EXPECT_EQ(read.integer(tree, "c"), 0);
  EXPECT_TRUE(read.list(tree, "d").empty());
  EXPECT_EQ(read.text(tree, "d"), "x");
  EXPECT_EQ(read.error(), errc::json_wrong_type);
  member_reader other;
  other.integer(tree, "c");
  other.text(tree, "a");
  EXPECT_EQ(other.error(), errc::json_duplicate_key);
}

TEST(MemberReader, AUniqueMemberIsOfAnyType) {
  const auto tree = *read_tree(R"({"a":1,"b":[{"c":"x"}],"d":"x","e":{"f":"y","f":"y"}})");
  member_reader read;
  EXPECT_EQ(read.unique(tree, "a").integer, 1);
  EXPECT_EQ(read.unique(tree, "d").text, "x");
  EXPECT_EQ(read.unique(read.unique(tree, "b"), "c").text, "") << "a list has no members";
  EXPECT_EQ(read.unique(read.unique(tree, "d"), "c").text, "");
  EXPECT_EQ(read.unique(tree, "z").text, "");
  EXPECT_EQ(read.error(), std::nullopt);
  EXPECT_EQ(read.unique(read.unique(tree, "e"), "f").text, "");
  EXPECT_EQ(read.error(), errc::json_duplicate_key);
}

}  // namespace
}  // namespace sidecar::json
