#include "sidecar/net/name_lookup.hpp"

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

TEST(NameLookup, WithoutAThreadTheLoopLooksUp) {
  const without_threads poor;
  lookup_of localhost("localhost");
  const auto found = test::run(localhost.context, localhost.lookup->find());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(*found, testing::Contains(tcp::endpoint{make_address("127.0.0.1"), 6443}));
  EXPECT_TRUE(localhost.lookup->thread_problem());
  EXPECT_FALSE(localhost.lookup->is_pending());
}

TEST(NameLookup, WithoutAThreadAddressesInReserveServe) {
  const without_threads poor;
  lookup_of localhost("localhost");
  const auto found = test::run(localhost.context, localhost.lookup->find());
  localhost.lookup->distrust();
  const auto again = test::start(localhost.context, localhost.lookup->find());
  EXPECT_FALSE(localhost.lookup->is_pending()) << "the loop would stand still for it";
  test::run_until(localhost.context, [&] { return again->value.has_value(); });
  EXPECT_EQ(**again->value, *found);
}

TEST(ReserveServes, ForAMinute) {
  using namespace std::chrono_literals;
  const time_point since{};
  EXPECT_TRUE(reserve_serves(since, since));
  EXPECT_TRUE(reserve_serves(since, since + 59s));
  EXPECT_FALSE(reserve_serves(since, since + 60s));
}

TEST(NameLookup, WithoutAThreadLookupsShareWhatOneBrought) {
  const without_threads poor;
  lookup_of localhost("localhost");
  const auto other = std::make_shared<name_lookup>(localhost.context.get_executor(), "localhost", std::uint16_t{443});
  const auto first = test::start(localhost.context, localhost.lookup->find());
  const auto second = test::start(localhost.context, other->find());
  test::run_until(localhost.context, [&] { return first->value && second->value; });
  EXPECT_EQ((*first->value)->front().port(), 6443);
  EXPECT_EQ((*second->value)->front().port(), 443);
}

TEST(NameLookup, ThreadThatCanBeHadAgainIsUsed) {
  lookup_of localhost("localhost");
  {
    const without_threads poor;
    ASSERT_TRUE(test::run(localhost.context, localhost.lookup->find()));
    ASSERT_TRUE(localhost.lookup->thread_problem());
  }
  localhost.lookup->distrust();
  EXPECT_TRUE(test::run(localhost.context, localhost.lookup->find()));
  EXPECT_FALSE(localhost.lookup->thread_problem());
}

TEST(NameLookup, ContextMayEndWhileTheLoopLooksUp) {
  const without_threads poor;
  lookup_of localhost("localhost");
  const auto caller = test::start(localhost.context, localhost.lookup->find());
  localhost.context.poll_one();
  EXPECT_TRUE(localhost.lookup->is_pending());
}

TEST(NameLookup, NameThatEndsInADotIsFoundInTheHostsFile) {
  lookup_of absolute("localhost.");
  const auto found = test::run(absolute.context, absolute.lookup->find());
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_THAT(*found, testing::Contains(tcp::endpoint{make_address("127.0.0.1"), 6443}));
  const without_threads poor;
  lookup_of here("localhost.");
  EXPECT_EQ(*test::run(here.context, here.lookup->find()), *found);
}

TEST(NameLookup, ContextMayEndWhileALookupIsUnderWay) {
  lookup_of localhost("localhost");
  const auto caller = test::start(localhost.context, localhost.lookup->find());
  localhost.context.poll_one();
  EXPECT_TRUE(localhost.lookup->is_pending());
}

}  // namespace
}  // namespace sidecar::net
