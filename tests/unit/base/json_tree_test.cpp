#include <gtest/gtest.h>

#include <string>

#include "sidecar/base/json.hpp"

namespace sidecar::json {
namespace {

TEST(JsonTree, EachKindOfValue) {
  const auto tree = read_tree(R"({"a":"x","b":[1,-2,3.5,true,null,{"c":"y"}],"d":{},"e":18446744073709551615})");
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)["a"].text, "x");
  const auto& list = (*tree)["b"].elements;
  ASSERT_EQ(list.size(), 6U);
  EXPECT_EQ(list[0].integer, 1);
  EXPECT_EQ(list[1].integer, -2);
  EXPECT_EQ(list[2].integer, std::nullopt) << "a fraction";
  EXPECT_TRUE(list[3].is_true);
  EXPECT_FALSE(list[4].is_true);
  EXPECT_EQ(list[5]["c"].text, "y");
  EXPECT_TRUE((*tree)["d"].keys.empty());
  EXPECT_EQ((*tree)["e"].integer, std::nullopt) << "larger than 64 bits with a sign";
}

/// The kinds of the values, with an object's names, in document order.
std::string outline(const value& one) {
  using kind = value::kind;
  if (one.type != kind::array && one.type != kind::object) {
    return one.type == kind::null     ? "null"
           : one.type == kind::number ? "number"
           : one.type == kind::text   ? "text"
                                      : "bool";
  }
  std::string all = one.type == kind::object ? "{" : "[";
  for (std::size_t i = 0; i < one.elements.size(); ++i) {
    if (one.type == kind::object) all += one.keys.at(i) + ':';
    all += outline(one.elements[i]) + ' ';
  }
  return all + (one.type == kind::object ? '}' : ']');
}

TEST(JsonTree, IsInDocumentOrder) {
  EXPECT_EQ(outline(*read_tree(R"({"b":[1,-2.5e3,"x",[]],"a":{"c":null,"d":true,"":false},"b":{}})")),
            "{b:[number number text [] ] a:{c:null d:bool :bool } b:{} }");
}

TEST(JsonTree, WhatIsAbsentIsEmpty) {
  const auto tree = read_tree(R"({"a":{"b":"x"}})");
  EXPECT_EQ((*tree)["z"]["b"]["c"].text, "");
  EXPECT_EQ((*tree)["a"]["z"].integer, std::nullopt);
  EXPECT_EQ((*read_tree("\"text\""))["a"].text, "");
  EXPECT_EQ((*read_tree(R"([{"a":"1"}])"))["a"].text, "") << "a list has no members";
}

TEST(JsonTree, TheLastOfARepeatedNameCounts) {
  EXPECT_EQ((*read_tree(R"({"a":{"b":"1"},"a":{"b":"2","b":"3"}})"))["a"]["b"].text, "3");
  EXPECT_EQ((*read_tree(R"({"a":{"b":"1"},"a":{}})"))["a"]["b"].text, "");
}

TEST(JsonTree, NamesAreComparedDecoded) {
  EXPECT_EQ((*read_tree(R"({"\u0061":"x","A":[]})", only({"a"})))["a"].text, "x");
  EXPECT_EQ((*read_tree(R"({"":"x"})"))[""].text, "x");
}

TEST(JsonTree, OnlyWhatIsNamedIsKeptAtAnyDepth) {
  const auto text = R"({"a":{"x":{"a":[{"a":1}]},"b":"1"},"x":2,"x":[{"b":[3]}],"b":[{"a":"4","x":"5"},[6],null]})";
  EXPECT_EQ(outline(*read_tree(text, only({"a", "b"}), 9)), "{a:{b:text } b:[{a:text } [number ] null ] }");
  EXPECT_EQ(outline(*read_tree(text, all_but({"x"}), 9)), "{a:{b:text } b:[{a:text } [number ] null ] }");
  EXPECT_EQ(outline(*read_tree(text, only({}))), "{}");
  EXPECT_EQ(outline(*read_tree("[1,[2]]", only({}))), "[number [number ] ]") << "an array's values have no names";
}

TEST(JsonTree, WhatIsNotKeptIsParsedAllTheSame) {
  for (const auto* text :
       {R"({"x":[})", R"({"x":1e999})", R"({"x":{"y":"\x"}})", R"({"x":[1,]})", "{\"x\":\"\xff\"}"}) {
    EXPECT_EQ(read_tree(text, only({"a"})).error(), errc::json_invalid) << text;
  }
}

TEST(JsonTree, ItsSizeIsLimited) {
  EXPECT_TRUE(read_tree("[1,2,3]", all_but({}), 4));
  EXPECT_EQ(read_tree("[1,2,3]", all_but({}), 3).error(), errc::json_too_large);
  EXPECT_EQ(read_tree("{", all_but({}), 3).error(), errc::json_invalid);
  const auto values = [](std::size_t count) {
    std::string text = R"({"a":[0)";
    for (std::size_t i = 3; i < count; ++i) text += ",0";
    return text + "]}";
  };
  EXPECT_TRUE(read_tree(values(max_values)));
  EXPECT_EQ(read_tree(values(max_values + 1)).error(), errc::json_too_large);
  EXPECT_TRUE(read_tree(values(max_values * 2), all_but({"a"}))) << "what is not kept does not count";
}

}  // namespace
}  // namespace sidecar::json
