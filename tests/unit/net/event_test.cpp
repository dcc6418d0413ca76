#include "sidecar/net/event.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>

#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;

asio::awaitable<bool> wait_for(event& wanted, std::string& log) {
  co_await wanted.wait();
  log += 'w';
  co_return true;
}

TEST(Event, WakesItsWaiterOnceItIsSet) {
  asio::io_context context;
  event wanted(context.get_executor());
  std::string log;
  const auto waiter = test::start(context, wait_for(wanted, log));
  context.poll();
  EXPECT_EQ(log, "");
  wanted.set();
  EXPECT_TRUE(test::run_until(context, [&] { return waiter->value.has_value(); }));
}

TEST(Event, WaitOnASetEventReturnsAtOnce) {
  asio::io_context context;
  event wanted(context.get_executor());
  wanted.set();
  EXPECT_TRUE(wanted.is_set());
  std::string log;
  EXPECT_TRUE(test::run(context, wait_for(wanted, log)));
}

TEST(Event, NeverWakesTheWaiterFromWithinTheCallersStack) {
  asio::io_context context;
  event wanted(context.get_executor());
  std::string log;
  test::start(context, wait_for(wanted, log));
  context.poll();
  asio::post(context, [&] {
    wanted.set();
    log += 's';
  });
  test::run_until(context, [&] { return log.size() == 2; });
  EXPECT_EQ(log, "sw");
}

TEST(Event, SettingTwiceWakesOnce) {
  asio::io_context context;
  event wanted(context.get_executor());
  std::string log;
  test::start(context, wait_for(wanted, log));
  context.poll();
  wanted.set();
  wanted.set();
  context.poll();
  EXPECT_EQ(log, "w");
}

/// Holds on to what only its own frame owns, the event that it waits for among it: as questions and calls do.
asio::awaitable<bool> wait_for_ever(std::shared_ptr<int> witness) {
  event never(co_await asio::this_coro::executor);
  co_await never.wait();
  co_return *witness == 0;
}

TEST(Event, WaiterThatIsNeverWokenIsDestroyedWithItsContext) {
  const auto witness = std::make_shared<int>(0);
  {
    asio::io_context context;
    test::start(context, wait_for_ever(witness));
    test::start(context, wait_for_ever(witness));
    context.poll();
    EXPECT_EQ(witness.use_count(), 3);
  }
  EXPECT_EQ(witness.use_count(), 1) << "the waiting coroutines have leaked";
}

TEST(Event, MayBeDestroyedBeforeItsContextWhenNobodyWaits) {
  asio::io_context context;
  std::string log;
  for (int round = 0; round < 3; ++round) {
    event wanted(context.get_executor());
    test::start(context, wait_for(wanted, log));
    context.poll();
    wanted.set();
    context.restart();
    context.poll();
    context.restart();
  }
  EXPECT_EQ(log, "www");
}

}  // namespace
}  // namespace sidecar::net
