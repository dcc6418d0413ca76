#include "sidecar/net/expected_names.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::net {
namespace {

struct host_row {
  std::string host;
  std::vector<std::string> names;
};

TEST(ExpectedNames, AreTheHostAndItsWildcard) {
  for (const auto& [host, names] : {
           host_row{"api.example.com", {"api.example.com", "*.example.com"}},
           host_row{"kubernetes.svc", {"kubernetes.svc", "*.svc"}},
           host_row{"my_api.my_dom.com", {"my_api.my_dom.com", "*.my_dom.com"}},
           host_row{"localhost", {"localhost"}},
           host_row{"api.example.com.", {"api.example.com", "*.example.com"}},
           // No host names: as they are, and no wildcard is for them.
           host_row{"a b.example.com", {"a b.example.com"}},
           host_row{"a..b", {"a..b"}},
           host_row{"-a.b", {"-a.b"}},
           host_row{"a.-b", {"a.-b"}},
           host_row{"*.b", {"*.b"}},
           host_row{"a.b..", {"a.b."}},
           // OpenSSL would take these for any name, or for any below.
           host_row{"", {}},
           host_row{".", {}},
           host_row{".example.com", {}},
       }) {
    EXPECT_EQ(names_to_match(host), names) << host;
  }
}

}  // namespace
}  // namespace sidecar::net
