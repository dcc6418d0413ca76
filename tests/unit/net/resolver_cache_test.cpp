#include "sidecar/net/resolver_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
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

struct world {
  explicit world(std::string host)
      : cache(std::make_shared<resolver_cache>(context.get_executor(), std::move(host), std::uint16_t{6443})) {}

  auto find() { return test::run(context, cache->find()); }
  auto start() { return test::start(context, cache->find()); }

  asio::io_context context{1};
  std::shared_ptr<resolver_cache> cache;
};

TEST(ResolverCache, LiteralNeverMeetsAResolverNorItsThread) {
  for (const std::string host : {"10.96.0.1", "::1", "2001:db8::1"}) {
    const auto before = threads();
    world literal(host);
    const auto found = literal.find();
    ASSERT_TRUE(found) << host;
    EXPECT_THAT(*found, testing::ElementsAre(tcp::endpoint{make_address(host), 6443}));
    literal.cache->distrust();
    EXPECT_EQ(*literal.find(), *found);
    EXPECT_EQ(resolver_cache::pending_lookups(), 0U);
    EXPECT_EQ(threads(), before);
  }
}

TEST(ResolverCache, KnownAddressesAreNotLookedUpAgain) {
  world localhost("localhost");
  const auto first = localhost.find();
  const auto second = localhost.start();
  EXPECT_EQ(resolver_cache::pending_lookups(), 0U);
  test::run_ready(localhost.context);
  ASSERT_TRUE(second->value);
  EXPECT_EQ(**second->value, *first);
}

TEST(ResolverCache, DistrustedAddressesAreLookedUpAgain) {
  world localhost("localhost");
  const auto first = localhost.find();
  localhost.cache->distrust();
  const auto second = localhost.start();
  localhost.context.restart();
  localhost.context.poll_one();
  EXPECT_EQ(resolver_cache::pending_lookups(), 1U);
  test::run_until(localhost.context, [&] { return second->value.has_value(); });
  EXPECT_EQ(**second->value, *first);
}

// As long as the context is not run, a lookup is under way: its result waits in the resolver's thread.
TEST(ResolverCache, CallerThatGivesUpLeavesAtOnceAndTheLateResultIsKept) {
  world localhost("localhost");
  const auto caller = localhost.start();
  localhost.context.poll_one();
  ASSERT_EQ(resolver_cache::pending_lookups(), 1U);
  localhost.cache->abandon();
  test::run_until(localhost.context, [&] { return caller->value.has_value(); });
  test::run_until(localhost.context, [&] { return resolver_cache::pending_lookups() == 0; });
  const auto later = localhost.start();
  test::run_ready(localhost.context);
  ASSERT_TRUE(later->value) << "the late result was dropped";
  EXPECT_TRUE(*later->value);
}

/// Whether a second caller gets the addresses in reserve while the first still waits for a lookup. A lookup that is
/// over before the second has asked says nothing.
bool reserve_overtakes_the_lookup() {
  world localhost("localhost");
  const auto known = localhost.find();
  localhost.cache->distrust();
  const auto first = localhost.start();
  const auto second = localhost.start();
  bool overtaken = false;
  EXPECT_TRUE(test::run_until(localhost.context, [&] {
    overtaken |= second->value.has_value() && !first->value.has_value();
    return first->value.has_value() && second->value.has_value();
  }));
  EXPECT_EQ(**second->value, *known);
  return overtaken;
}

TEST(ResolverCache, WhileALookupIsUnderWayTheAddressesInReserveAreUsed) {
  bool overtaken = false;
  for (int attempt = 0; attempt < 100 && !overtaken; ++attempt) overtaken = reserve_overtakes_the_lookup();
  EXPECT_TRUE(overtaken) << "the second caller waits for a lookup that may hang";
}

/// pthread_create fails while this lives, as where a seccomp profile or a limit forbids it: no address space has room
/// for such a stack.
class without_threads {
 public:
  without_threads() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t none;
    ::pthread_getattr_default_np(&none);
    ::pthread_attr_setstacksize(&none, std::size_t{1} << 47U);
    ::pthread_setattr_default_np(&none);
    ::pthread_attr_destroy(&none);
  }
  ~without_threads() {
    ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
  }
  without_threads(const without_threads&) = delete;
  without_threads& operator=(const without_threads&) = delete;

 private:
  pthread_attr_t before_{};
};

/// With a thread of the resolver's and on the loop's.
class LookupOfAName : public testing::TestWithParam<bool> {
 protected:
  LookupOfAName() {
    if (!GetParam()) poor.emplace();
  }
  std::optional<without_threads> poor;
};
INSTANTIATE_TEST_SUITE_P(All, LookupOfAName, testing::Bool(),
                         [](const auto& one) { return std::string{one.param ? "InAThread" : "OnTheLoop"}; });

TEST_P(LookupOfAName, FindsItsAddressesWithThePort) {
  for (const std::string host : {"localhost", "localhost."}) {
    world named(host);
    const auto found = named.find();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_THAT(*found, testing::Contains(tcp::endpoint{make_address("127.0.0.1"), 6443}));
    for (const auto& endpoint : *found) {
      EXPECT_TRUE(endpoint.address().is_loopback()) << endpoint;
      EXPECT_EQ(endpoint.port(), 6443);
    }
    EXPECT_EQ(named.cache->thread_problem().failed(), !GetParam());
    EXPECT_EQ(resolver_cache::pending_lookups(), 0U);
  }
}

TEST_P(LookupOfAName, WithoutAnAddressIsTheResolversError) {
  world nowhere("no-such-host.invalid");
  for (int i = 0; i < 2; ++i) {
    const auto found = nowhere.find();
    ASSERT_FALSE(found);
    EXPECT_EQ(&found.error().category(), &asio::error::get_netdb_category()) << found.error().message();
    EXPECT_EQ(resolver_cache::pending_lookups(), 0U);
  }
}

TEST(ResolverCache, WithoutAThreadAddressesInReserveServe) {
  const without_threads poor;
  world localhost("localhost");
  const auto found = localhost.find();
  localhost.cache->distrust();
  const auto again = localhost.start();
  EXPECT_EQ(resolver_cache::pending_lookups(), 0U) << "the loop would stand still for it";
  test::run_until(localhost.context, [&] { return again->value.has_value(); });
  EXPECT_EQ(**again->value, *found);
}

TEST(ReserveServes, ForAMinute) {
  using namespace std::chrono_literals;
  const time_point since{};
  EXPECT_TRUE(is_reserve_usable(since, since));
  EXPECT_TRUE(is_reserve_usable(since, since + 59s));
  EXPECT_FALSE(is_reserve_usable(since, since + 60s));
}

TEST(ResolverCache, WithoutAThreadCachesShareWhatOneLookupBrought) {
  const without_threads poor;
  world localhost("localhost");
  const auto other =
      std::make_shared<resolver_cache>(localhost.context.get_executor(), "localhost", std::uint16_t{443});
  const auto first = localhost.start();
  const auto second = test::start(localhost.context, other->find());
  test::run_until(localhost.context, [&] { return first->value && second->value; });
  EXPECT_EQ((*first->value)->front().port(), 6443);
  EXPECT_EQ((*second->value)->front().port(), 443);
}

TEST(ResolverCache, ThreadThatCanBeHadAgainIsUsed) {
  world localhost("localhost");
  {
    const without_threads poor;
    ASSERT_TRUE(localhost.find());
    ASSERT_TRUE(localhost.cache->thread_problem());
  }
  localhost.cache->distrust();
  EXPECT_TRUE(localhost.find());
  EXPECT_FALSE(localhost.cache->thread_problem());
}

TEST(ResolverCache, ContextMayEndWhileALookupIsUnderWay) {
  world localhost("localhost");
  const auto caller = localhost.start();
  localhost.context.poll_one();
  EXPECT_EQ(resolver_cache::pending_lookups(), 1U);
}

}  // namespace
}  // namespace sidecar::net
