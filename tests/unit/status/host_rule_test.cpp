#include "sidecar/status/host_rule.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidecar::status {
namespace {

const std::vector<std::string> names{"status.example.com"};

struct host_row {
  std::string_view host;
  bool is_ours;
};

TEST(StatusHost, IsAnAddressOrLocalhostOrListed) {
  for (const auto& [host, is_ours] : {
           host_row{"", true},
           {"127.0.0.1", true},
           {"10.0.0.5:3002", true},
           {"[::1]", true},
           {"[fd00::5]:3002", true},
           {"localhost", true},
           {"LocalHost:3002", true},
           {"status.example.com", true},
           {"Status.Example.COM:80", true},
           {"evil.example", false},
           {"status.example.com.evil.example", false},
           {"localhost.evil.example", false},
           {"127.0.0.1.evil.example:3002", false},
           {"evil.example:127.0.0.1", false},
           {"[::1", false},
           {"[::1]evil.example", false},
           {"::1", false},
           {"127.0.0.1:notaport", false},
           {"localhost:80@evil.example", false},
           {"localhost.", true},
           {"status.example.com.:3002", true},
           {"[evil.example]", false},
           {"[]", false},
           {":3002", false},
           {"user@127.0.0.1", false},
       }) {
    EXPECT_EQ(is_our_host(host, names), is_ours) << host;
  }
}

}  // namespace
}  // namespace sidecar::status
