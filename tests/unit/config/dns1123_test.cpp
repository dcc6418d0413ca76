#include <gtest/gtest.h>

#include <string>

#include "sidecar/config/dns1123.hpp"

namespace sidecar::config {
namespace {

TEST(Dns1123, IsWhatKubernetesAccepts) {
  const struct {
    std::string text;
    bool label, subdomain;
  } rows[] = {{"a", true, true},
              {"0", true, true},
              {"web-6d4cf56db6-x2x9z", true, true},
              {"a--b", true, true},
              {"a.b", false, true},
              {"a-b.c-d", false, true},
              {"", false, false},
              {"Web", false, false},
              {"-a", false, false},
              {"a-", false, false},
              {".a", false, false},
              {"a.", false, false},
              {"a..b", false, false},
              {"a-.b", false, false},
              {"a.-b", false, false},
              {"a_b", false, false},
              {"../secrets/x", false, false},
              {"x?watch=1", false, false},
              {"x%2f", false, false},
              {"a\r\n", false, false},
              {" a", false, false},
              {std::string("a\0b", 3), false, false},
              {"caf\xc3\xa9", false, false},
              {std::string(63, 'a'), true, true},
              {std::string(64, 'a'), false, true},
              {std::string(253, 'a'), false, true},
              {std::string(254, 'a'), false, false}};
  for (const auto& row : rows) {
    EXPECT_EQ(is_dns1123_label(row.text), row.label) << row.text;
    EXPECT_EQ(is_dns1123_subdomain(row.text), row.subdomain) << row.text;
  }
}

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
