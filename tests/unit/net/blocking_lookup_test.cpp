#include "sidecar/net/blocking_lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <resolv.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

/// How long it takes where DNS servers are silent is tested with some (integration/name_lookup_test.cpp).
namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;

constexpr time_point start{1h};

class BlockingLookup : public testing::Test {
 protected:
  auto look_up(const std::string& host, time_point now) { return look_up_blocking(resolver, host, 6443, now); }

  asio::io_context context{1};
  tcp::resolver resolver{context};
  const tcp::endpoint loopback{asio::ip::address_v4::loopback(), 6443};
};

TEST_F(BlockingLookup, FindsANameWithOrWithoutAFinalDotInTheHostsFile) {
  for (const std::string host : {"localhost", "localhost."}) {
    const auto found = look_up(host, start);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_THAT(*found, testing::Contains(loopback));
  }
}

TEST_F(BlockingLookup, QueriesOneNameserverOnceAndOverUdpAlone) {
  for (const auto later : {1min, 2min, 3min}) {
    look_up("no-such-host.invalid", start + later);
    EXPECT_LE(_res.nscount, 1);
    EXPECT_EQ(_res.retrans, 1);
    EXPECT_EQ(_res.retry, 1);
    EXPECT_EQ(_res.options & RES_USEVC, 0U);
    EXPECT_NE(_res.options & RES_IGNTC, 0U);
    EXPECT_NE(_res.options & RES_NORELOAD, 0U) << "or the second lookup has the limits of resolv.conf";
  }
}

/// A lookup sets `_res` anew.
TEST_F(BlockingLookup, BeginsEveryThirtySecondsAtMost) {
  const auto looks_up = [this](time_point now) {
    _res.retrans = 99;
    EXPECT_TRUE(look_up("localhost", now));
    return _res.retrans != 99;
  };
  EXPECT_TRUE(looks_up(start + 1h));
  EXPECT_FALSE(looks_up(start + 1h + 1ms));
  EXPECT_FALSE(looks_up(start + 1h + 29s));
  EXPECT_TRUE(looks_up(start + 1h + 30s));
}

TEST_F(BlockingLookup, FailureStandsForAsLong) {
  for (const auto now : {start + 2h, start + 2h + 29s}) {
    const auto found = look_up("no-such-host.invalid", now);
    ASSERT_FALSE(found);
    EXPECT_EQ(&found.error().category(), &asio::error::get_netdb_category()) << found.error().message();
  }
}

}  // namespace
}  // namespace sidecar::net
