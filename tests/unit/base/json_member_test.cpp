#include "sidecar/base/json_member.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sidecar::json {
namespace {

using boost::system::error_code;

/// Writes the events down in one line.
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

TEST(ReadMember, PassesOnItsValueAlone) {
  EXPECT_EQ(member_of(R"({"a":1,"b":{"c":[true,null,{"d":"e"}]},"f":{"b":2}})", "b"),
            R"({ c: [ true null { d: "e" } ] } )");
}

TEST(ReadMember, PassesOnWhateverItIs) {
  EXPECT_EQ(member_of(R"({"a":"x","b":1})", "a"), R"("x" )");
  EXPECT_EQ(member_of(R"({"b":[1],"a":null})", "a"), "null ");
  EXPECT_EQ(member_of(R"({"b":[1],"a":[]})", "a"), "[ ] ");
  EXPECT_EQ(member_of(R"({"a":false})", "a"), "false ");
}

TEST(ReadMember, PassesOnNothingWhereThereIsNone) {
  EXPECT_EQ(member_of(R"({"b":{"a":1}})", "a"), "");
  EXPECT_EQ(member_of(R"([{"a":1}])", "a"), "");
  EXPECT_EQ(member_of(R"("a")", "a"), "");
}

TEST(ReadMember, RefusesTheMemberTwiceAndWhatIsNotJson) {
  EXPECT_EQ(member_of(R"({"a":1,"b":2,"a":3})", "a"), make_error_code(errc::json_repeated_key).message());
  EXPECT_EQ(member_of(R"({"a":1,"b":2,"b":3})", "a"), "number ");
  EXPECT_EQ(member_of(R"({"a":1)", "a"), make_error_code(errc::json_invalid).message());
}

TEST(ReadMember, StopsWhereTheHandlerDoes) {
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

TEST(ReadMember, NamesAreComparedAsTheyAreMeant) {
  EXPECT_EQ(member_of(R"({"\u0061":1,"A":[]})", "a"), "number ");
  EXPECT_EQ(member_of(R"({"":1})", ""), "number ");
}

}  // namespace
}  // namespace sidecar::json
