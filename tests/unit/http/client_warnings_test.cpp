#include "sidecar/http/client_warnings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace sidecar::http {
namespace {

using boost::asio::ip::make_address;

class ClientWarnings : public testing::Test {
 protected:
  void SetUp() override { testing::internal::CaptureStderr(); }
  void add(const std::string& what, const std::string& address) { tested.add(what, {make_address(address), 4'711}); }

  client_warnings tested;
};

TEST_F(ClientWarnings, NameTheClientOnceForEachErrorAndAddress) {
  for (int i = 0; i < 3; ++i) {
    add("no request", "192.0.2.1");
    add("no TLS", "192.0.2.1");
    add("no request", "2001:db8::1");
    add("no request", "::ffff:192.0.2.2");
    add("no request", "192.0.2.2");
  }
  const auto log = testing::internal::GetCapturedStderr();
  for (const auto* const line : {"no request client=192.0.2.1\n", "no TLS client=192.0.2.1\n",
                                 "no request client=2001:db8::1\n", "no request client=192.0.2.2\n"}) {
    EXPECT_NE(log.find(line), log.npos) << line << log;
  }
  EXPECT_EQ(std::ranges::count(log, '\n'), 4) << log;
}

TEST_F(ClientWarnings, OfOneErrorOfManyClientsNameTheFirst) {
  for (int i = 0; i < 100; ++i) tested.add_once("a probe", {make_address("192.0.2." + std::to_string(i)), 4'711});
  add("no request", "192.0.2.1");
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("a probe client=192.0.2.0\n"), log.npos) << log;
  EXPECT_NE(log.find("no request client=192.0.2.1\n"), log.npos) << log;
  EXPECT_EQ(std::ranges::count(log, '\n'), 2) << log;
}

TEST_F(ClientWarnings, AreNoMoreThan32HoweverManyAddressesThereAre) {
  for (int i = 0; i < 100; ++i) add("no request", "192.0.2." + std::to_string(i));
  EXPECT_EQ(std::ranges::count(testing::internal::GetCapturedStderr(), '\n'), 32);
}

}  // namespace
}  // namespace sidecar::http
