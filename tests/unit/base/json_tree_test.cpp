#include "sidecar/base/json_tree.hpp"

#include <gtest/gtest.h>

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

TEST(JsonTree, WhatIsAbsentIsEmpty) {
  const auto tree = read_tree(R"({"a":{"b":"x"}})");
  EXPECT_EQ((*tree)["z"]["b"]["c"].text, "");
  EXPECT_EQ((*tree)["a"]["z"].integer, std::nullopt);
  EXPECT_EQ((*read_tree("\"text\""))["a"].text, "");
}

TEST(JsonTree, SkippedNamesAreLeftOutAtAnyDepth) {
  const auto tree =
      read_tree(R"({"m":{"skip":{"x":[{"skip":1}]},"a":"1"},"skip":"2","skip":[3],"b":"4"})", {"skip"}, 4);
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)["m"]["a"].text, "1");
  EXPECT_EQ((*tree)["b"].text, "4");
  EXPECT_TRUE((*tree)["skip"].keys.empty());
  EXPECT_EQ((*tree).keys.size(), (*tree).elements.size());
}

TEST(JsonTree, ItsSizeIsLimited) {
  EXPECT_TRUE(read_tree("[1,2,3]", {}, 4));
  EXPECT_EQ(read_tree("[1,2,3]", {}, 3).error(), errc::json_too_large);
  EXPECT_EQ(read_tree("{", {}).error(), errc::json_invalid);
}

}  // namespace
}  // namespace sidecar::json
