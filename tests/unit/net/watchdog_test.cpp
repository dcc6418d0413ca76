#include "sidecar/net/watchdog.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

TEST(Watchdog, BitesOnceWhenTheTimeHasPassed) {
  asio::io_context context;
  int bites = 0;
  const auto begin = std::chrono::steady_clock::now();
  const watchdog dog(context.get_executor(), 20ms, [&] { ++bites; });
  context.run();
  EXPECT_EQ(bites, 1);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST(Watchdog, DestroyedInTimeItNeverBites) {
  asio::io_context context;
  int bites = 0;
  {
    const watchdog dog(context.get_executor(), 1ms, [&] { ++bites; });
  }
  context.run();
  EXPECT_EQ(bites, 0);
}

TEST(Watchdog, DestroyedWhenItsTimerHasAlreadyFiredItStillDoesNotBite) {
  asio::io_context context;
  int second_bites = 0;
  std::optional<watchdog> second;
  const watchdog first(context.get_executor(), 1ms, [&] { second.reset(); });
  second.emplace(context.get_executor(), 1ms, [&] { ++second_bites; });
  // Both timers have expired when the context looks at them, so that both handlers are queued when the first runs.
  const auto late = std::chrono::steady_clock::now() + 5ms;
  while (std::chrono::steady_clock::now() < late) {
  }
  context.run();
  EXPECT_FALSE(second);
  EXPECT_EQ(second_bites, 0);
}

TEST(Watchdog, MayBeDestroyedByItsOwnBite) {
  asio::io_context context;
  const auto witness = std::make_shared<int>(0);
  std::unique_ptr<watchdog> dog;
  dog = std::make_unique<watchdog>(context.get_executor(), 1ms, [&dog, witness] {
    dog.reset();
    ++*witness;
  });
  context.run();
  EXPECT_EQ(*witness, 1);
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(Watchdog, DoesNotBiteWhenItsContextIsDestroyed) {
  int bites = 0;
  {
    asio::io_context context;
    const watchdog dog(context.get_executor(), 1h, [&] { ++bites; });
    context.poll();
  }
  EXPECT_EQ(bites, 0);
}

}  // namespace
}  // namespace sidecar::net
