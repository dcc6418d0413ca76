#include "sidecar/base/ascii.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar {
namespace {

TEST(Ascii, HasNoLettersBeyondIt) {
  for (int code = 0; code < 256; ++code) {
    const auto c = static_cast<char>(static_cast<unsigned char>(code));
    SCOPED_TRACE(code);
    EXPECT_EQ(is_digit(c), code >= '0' && code <= '9');
    EXPECT_EQ(is_lower(c), code >= 'a' && code <= 'z');
    EXPECT_EQ(is_alphanumeric(c), is_digit(c) || is_lower(c) || (code >= 'A' && code <= 'Z'));
    EXPECT_EQ(is_visible(c), code >= 0x21 && code <= 0x7e);
    EXPECT_EQ(is_space(c), code == ' ' || (code >= 9 && code <= 13));
  }
}

TEST(Ascii, FindsANameAsItIsBeforeOneInAnotherCase) {
  struct item {
    std::string name;
    int number;
  };
  const std::vector<item> all{{"Game", 1}, {"GAME", 2}, {"game", 3}, {"web", 4}};
  const auto found = [&](std::string_view name) {
    const auto one = find_in_any_case(all, name, &item::name);
    return one == all.end() ? 0 : one->number;
  };
  EXPECT_EQ(found("game"), 3);
  EXPECT_EQ(found("GAME"), 2);
  EXPECT_EQ(found("gAme"), 1) << "the first";
  EXPECT_EQ(found("WEB"), 4);
  EXPECT_EQ(found("gam"), 0);
  EXPECT_TRUE(has_ignoring_case(all, "wEb", &item::name));
  EXPECT_FALSE(has_ignoring_case(all, "", &item::name));
  EXPECT_TRUE(has_ignoring_case(std::vector<std::string>{"a", "B"}, "b"));
}

}  // namespace
}  // namespace sidecar
