#include "sidecar/net/name_lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>

#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using asio::ip::make_address;
using asio::ip::tcp;

std::size_t threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

struct lookup_of {
  explicit lookup_of(std::string host)
      : lookup(std::make_shared<name_lookup>(context.get_executor(), std::move(host), std::uint16_t{6443})) {}

  asio::io_context context{1};
  std::shared_ptr<name_lookup> lookup;
};

TEST(NameLookup, LiteralNeverMeetsAResolverNorItsThread) {
  for (const std::string host : {"10.96.0.1", "::1", "2001:db8::1"}) {
    const auto before = threads();
    lookup_of literal(host);
    const auto found = test::run(literal.context, literal.lookup->find());
    ASSERT_TRUE(found) << host;
    EXPECT_THAT(*found, testing::ElementsAre(tcp::endpoint{make_address(host), 6443}));
    literal.lookup->distrust();
    EXPECT_EQ(*test::run(literal.context, literal.lookup->find()), *found);
    EXPECT_FALSE(literal.lookup->is_pending());
    EXPECT_EQ(threads(), before);
  }
}

TEST(NameLookup, NameBecomesAddressesWithThePort) {
  lookup_of localhost("localhost");
  const auto found = test::run(localhost.context, localhost.lookup->find());
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_FALSE(found->empty());
  for (const auto& endpoint : *found) {
    EXPECT_TRUE(endpoint.address().is_loopback()) << endpoint;
    EXPECT_EQ(endpoint.port(), 6443);
  }
  EXPECT_FALSE(localhost.lookup->is_pending());
}

TEST(NameLookup, NameWithoutAnAddressIsTheResolversError) {
  lookup_of nowhere("no-such-host.invalid");
  const auto found = test::run(nowhere.context, nowhere.lookup->find());
  ASSERT_FALSE(found);
  EXPECT_EQ(&found.error().category(), &asio::error::get_netdb_category()) << found.error().message();
  EXPECT_NE(found.error(), asio::error::operation_aborted);
  EXPECT_FALSE(nowhere.lookup->is_pending());
}

TEST(NameLookup, KnownAddressesAreNotLookedUpAgain) {
  lookup_of localhost("localhost");
  const auto first = test::run(localhost.context, localhost.lookup->find());
  const auto second = test::start(localhost.context, localhost.lookup->find());
  EXPECT_FALSE(localhost.lookup->is_pending());
  localhost.context.restart();
  localhost.context.poll();
  ASSERT_TRUE(second->value);
  EXPECT_EQ(**second->value, *first);
}

TEST(NameLookup, DistrustedAddressesAreLookedUpAgain) {
  lookup_of localhost("localhost");
  const auto first = test::run(localhost.context, localhost.lookup->find());
  localhost.lookup->distrust();
  const auto second = test::start(localhost.context, localhost.lookup->find());
  localhost.context.restart();
  localhost.context.poll_one();
  EXPECT_TRUE(localhost.lookup->is_pending());
  test::run_until(localhost.context, [&] { return second->value.has_value(); });
  EXPECT_EQ(**second->value, *first);
}

// As long as nobody runs the context, a lookup is under way: its result waits in the resolver's thread.
TEST(NameLookup, AbandonedCallerLeavesAtOnceAndTheLateResultIsKept) {
  lookup_of localhost("localhost");
  const auto caller = test::start(localhost.context, localhost.lookup->find());
  localhost.context.poll_one();
  ASSERT_TRUE(localhost.lookup->is_pending());
  localhost.lookup->abandon();
  test::run_until(localhost.context, [&] { return caller->value.has_value(); });
  test::run_until(localhost.context, [&] { return !localhost.lookup->is_pending(); });
  const auto later = test::start(localhost.context, localhost.lookup->find());
  localhost.context.restart();
  localhost.context.poll();
  ASSERT_TRUE(later->value) << "the late result was dropped";
  EXPECT_TRUE(*later->value);
}

/// Whether a second caller gets the addresses in reserve while the first still waits for a lookup. A lookup that is
/// over before the second has asked says nothing.
bool reserve_overtakes_the_lookup() {
  lookup_of localhost("localhost");
  const auto known = test::run(localhost.context, localhost.lookup->find());
  localhost.lookup->distrust();
  const auto first = test::start(localhost.context, localhost.lookup->find());
  const auto second = test::start(localhost.context, localhost.lookup->find());
  bool overtaken = false;
  EXPECT_TRUE(test::run_until(localhost.context, [&] {
    overtaken |= second->value.has_value() && !first->value.has_value();
    return first->value.has_value() && second->value.has_value();
  }));
  EXPECT_EQ(**second->value, *known);
  return overtaken;
}

TEST(NameLookup, WhileALookupIsUnderWayTheAddressesInReserveAreUsed) {
  bool overtaken = false;
  for (int attempt = 0; attempt < 100 && !overtaken; ++attempt) overtaken = reserve_overtakes_the_lookup();
  EXPECT_TRUE(overtaken) << "the second caller waits for a lookup that may hang";
}

TEST(NameLookup, ContextMayEndWhileALookupIsUnderWay) {
  lookup_of localhost("localhost");
  const auto caller = test::start(localhost.context, localhost.lookup->find());
  localhost.context.poll_one();
  EXPECT_TRUE(localhost.lookup->is_pending());
}

}  // namespace
}  // namespace sidecar::net
