#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "sidecar/config/load.hpp"

namespace sidecar::config {
namespace {

struct row {
  std::string name;
  std::string text;
  bool label;
  bool subdomain;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class Dns1123 : public testing::TestWithParam<row> {};

TEST_P(Dns1123, IsWhatKubernetesAccepts) {
  EXPECT_EQ(is_dns1123_label(GetParam().text), GetParam().label);
  EXPECT_EQ(is_dns1123_subdomain(GetParam().text), GetParam().subdomain);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Dns1123,
    testing::Values(row{"OneLetter", "a", true, true}, row{"OneDigit", "0", true, true},
                    row{"PodOfADeployment", "web-6d4cf56db6-x2x9z", true, true}, row{"TwoDashes", "a--b", true, true},
                    row{"Dot", "a.b", false, true}, row{"DashesInsideLabels", "a-b.c-d", false, true},
                    row{"Empty", "", false, false}, row{"UpperCase", "Web", false, false},
                    row{"LeadingDash", "-a", false, false}, row{"TrailingDash", "a-", false, false},
                    row{"LeadingDot", ".a", false, false}, row{"TrailingDot", "a.", false, false},
                    row{"TwoDots", "a..b", false, false}, row{"DashBeforeDot", "a-.b", false, false},
                    row{"DashAfterDot", "a.-b", false, false}, row{"Underscore", "a_b", false, false},
                    row{"Slash", "../secrets/x", false, false}, row{"Query", "x?watch=1", false, false},
                    row{"PercentEscape", "x%2f", false, false}, row{"LineEnd", "a\r\n", false, false},
                    row{"Space", " a", false, false}, row{"Nul", std::string("a\0b", 3), false, false},
                    row{"NotAscii", "caf\xc3\xa9", false, false}, row{"LongestLabel", std::string(63, 'a'), true, true},
                    row{"LabelTooLongForANamespaceButNotForAPod", std::string(64, 'a'), false, true},
                    row{"LongestSubdomain", std::string(253, 'a'), false, true},
                    row{"SubdomainTooLong", std::string(254, 'a'), false, false}),
    [](const auto& tested) { return tested.param.name; });

TEST(LabelKey, IsWhatKubernetesAccepts) {
  for (const std::string& key :
       {std::string("a"), std::string("health-sidecar/maintenance"), std::string("example.com/Out_of.order"),
        std::string("0"), std::string("None"), std::string(63, 'A'), std::string(253, 'a') + "/a"}) {
    EXPECT_TRUE(is_label_key(key)) << key;
  }
  for (const std::string& key :
       {std::string(), std::string("/"), std::string("/a"), std::string("a/"), std::string("a/b/c"), std::string("-a"),
        std::string("a-"), std::string(".a"), std::string("a_"), std::string("a b"), std::string("Example.com/a"),
        std::string("a_b/c"), std::string("caf\xc3\xa9"), std::string("a=true"), std::string(64, 'a'),
        std::string(254, 'a') + "/a", std::string("a\0", 2)}) {
    EXPECT_FALSE(is_label_key(key)) << key;
  }
}

}  // namespace
}  // namespace sidecar::config
