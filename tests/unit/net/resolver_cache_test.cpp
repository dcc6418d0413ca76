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

  asio::io_context context{1};
  std::shared_ptr<resolver_cache> cache;
};

TEST(ResolverCache, LiteralNeverMeetsAResolverNorItsThread) {
  for (const std::string host : {"10.96.0.1", "::1", "2001:db8::1"}) {
    const auto before = threads();
    world literal(host);
    const auto found = test::run(literal.context, literal.cache->find());
    ASSERT_TRUE(found) << host;
    EXPECT_THAT(*found, testing::ElementsAre(tcp::endpoint{make_address(host), 6443}));
    literal.cache->distrust();
    EXPECT_EQ(*test::run(literal.context, literal.cache->find()), *found);
    EXPECT_FALSE(literal.cache->is_pending());
    EXPECT_EQ(threads(), before);
  }
}

TEST(ResolverCache, NameBecomesAddressesWithThePort) {
  world localhost("localhost");
  const auto found = test::run(localhost.context, localhost.cache->find());
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_FALSE(found->empty());
  for (const auto& endpoint : *found) {
    EXPECT_TRUE(endpoint.address().is_loopback()) << endpoint;
    EXPECT_EQ(endpoint.port(), 6443);
  }
  EXPECT_FALSE(localhost.cache->is_pending());
}

TEST(ResolverCache, NameWithoutAnAddressIsTheResolversError) {
  world nowhere("no-such-host.invalid");
  const auto found = test::run(nowhere.context, nowhere.cache->find());
  ASSERT_FALSE(found);
  EXPECT_EQ(&found.error().category(), &asio::error::get_netdb_category()) << found.error().message();
  EXPECT_NE(found.error(), asio::error::operation_aborted);
  EXPECT_FALSE(nowhere.cache->is_pending());
}

TEST(ResolverCache, KnownAddressesAreNotLookedUpAgain) {
  world localhost("localhost");
  const auto first = test::run(localhost.context, localhost.cache->find());
  const auto second = test::start(localhost.context, localhost.cache->find());
  EXPECT_FALSE(localhost.cache->is_pending());
  localhost.context.restart();
  localhost.context.poll();
  ASSERT_TRUE(second->value);
  EXPECT_EQ(**second->value, *first);
}

TEST(ResolverCache, DistrustedAddressesAreLookedUpAgain) {
  world localhost("localhost");
  const auto first = test::run(localhost.context, localhost.cache->find());
  localhost.cache->distrust();
  const auto second = test::start(localhost.context, localhost.cache->find());
  localhost.context.restart();
  localhost.context.poll_one();
  EXPECT_TRUE(localhost.cache->is_pending());
  test::run_until(localhost.context, [&] { return second->value.has_value(); });
  EXPECT_EQ(**second->value, *first);
}

// As long as the context is not run, a lookup is under way: its result waits in the resolver's thread.
TEST(ResolverCache, CallerThatGivesUpLeavesAtOnceAndTheLateResultIsKept) {
  world localhost("localhost");
  const auto caller = test::start(localhost.context, localhost.cache->find());
  localhost.context.poll_one();
  ASSERT_TRUE(localhost.cache->is_pending());
  localhost.cache->abandon();
  test::run_until(localhost.context, [&] { return caller->value.has_value(); });
  test::run_until(localhost.context, [&] { return !localhost.cache->is_pending(); });
  const auto later = test::start(localhost.context, localhost.cache->find());
  localhost.context.restart();
  localhost.context.poll();
  ASSERT_TRUE(later->value) << "the late result was dropped";
  EXPECT_TRUE(*later->value);
}

/// Whether a second caller gets the addresses in reserve while the first still waits for a lookup. A lookup that is
/// over before the second has asked says nothing.
bool reserve_overtakes_the_lookup() {
  world localhost("localhost");
  const auto known = test::run(localhost.context, localhost.cache->find());
  localhost.cache->distrust();
  const auto first = test::start(localhost.context, localhost.cache->find());
  const auto second = test::start(localhost.context, localhost.cache->find());
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

TEST(ResolverCache, WithoutAThreadTheLoopLooksUp) {
  const without_threads poor;
  world localhost("localhost");
  const auto found = test::run(localhost.context, localhost.cache->find());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(*found, testing::Contains(tcp::endpoint{make_address("127.0.0.1"), 6443}));
  EXPECT_TRUE(localhost.cache->thread_problem());
  EXPECT_FALSE(localhost.cache->is_pending());
}

TEST(ResolverCache, WithoutAThreadAddressesInReserveServe) {
  const without_threads poor;
  world localhost("localhost");
  const auto found = test::run(localhost.context, localhost.cache->find());
  localhost.cache->distrust();
  const auto again = test::start(localhost.context, localhost.cache->find());
  EXPECT_FALSE(localhost.cache->is_pending()) << "the loop would stand still for it";
  test::run_until(localhost.context, [&] { return again->value.has_value(); });
  EXPECT_EQ(**again->value, *found);
}

TEST(ResolverCache, WithoutAThreadANameWithoutAnAddressIsTheResolversError) {
  const without_threads poor;
  world nowhere("no-such-host.invalid");
  for (int i = 0; i < 2; ++i) {
    const auto found = test::run(nowhere.context, nowhere.cache->find());
    ASSERT_FALSE(found);
    EXPECT_EQ(&found.error().category(), &asio::error::get_netdb_category()) << found.error().message();
  }
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
  const auto first = test::start(localhost.context, localhost.cache->find());
  const auto second = test::start(localhost.context, other->find());
  test::run_until(localhost.context, [&] { return first->value && second->value; });
  EXPECT_EQ((*first->value)->front().port(), 6443);
  EXPECT_EQ((*second->value)->front().port(), 443);
}

TEST(ResolverCache, ThreadThatCanBeHadAgainIsUsed) {
  world localhost("localhost");
  {
    const without_threads poor;
    ASSERT_TRUE(test::run(localhost.context, localhost.cache->find()));
    ASSERT_TRUE(localhost.cache->thread_problem());
  }
  localhost.cache->distrust();
  EXPECT_TRUE(test::run(localhost.context, localhost.cache->find()));
  EXPECT_FALSE(localhost.cache->thread_problem());
}

TEST(ResolverCache, NameThatEndsInADotIsFoundInTheHostsFile) {
  world absolute("localhost.");
  const auto found = test::run(absolute.context, absolute.cache->find());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(*found, testing::Contains(tcp::endpoint{make_address("127.0.0.1"), 6443}));
  const without_threads poor;
  world here("localhost.");
  EXPECT_EQ(*test::run(here.context, here.cache->find()), *found);
}

TEST(ResolverCache, ContextMayEndWhileALookupIsUnderWay) {
  world localhost("localhost");
  const auto caller = test::start(localhost.context, localhost.cache->find());
  localhost.context.poll_one();
  EXPECT_TRUE(localhost.cache->is_pending());
}

}  // namespace
}  // namespace sidecar::net
