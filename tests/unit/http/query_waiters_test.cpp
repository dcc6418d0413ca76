#include "sidecar/http/query_waiters.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "unit/net/run.hpp"

namespace sidecar::http {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class QueryWaiters : public testing::Test {
 protected:
  static asio::awaitable<bool> wait(query_waiters& all, const void* awaited, time_point deadline) {
    co_await all.wait(awaited, deadline, "game");
    co_return true;
  }
  static asio::awaitable<bool> wait_until(query_waiters& all, time_point deadline) {
    co_await all.wait_until(deadline);
    co_return true;
  }
  std::shared_ptr<test::started<bool>> start(std::chrono::nanoseconds timeout = 1h) {
    auto waiter = test::start(context, wait(waiters, &batch, boottime_clock::now() + timeout));
    test::run_ready(context);
    return waiter;
  }

  asio::io_context context{1};
  query_waiters waiters{context.get_executor()};
  const int batch = 0;
};

TEST_F(QueryWaiters, WakeWithWhatTheyWaitFor) {
  const auto first = start();
  const auto second = start();
  EXPECT_EQ(waiters.count(), 2U);
  EXPECT_EQ(waiters.containers(&batch), (std::vector<std::string_view>{"game", "game"}));
  const int other = 0;
  waiters.wake(&other);
  test::run_ready(context);
  EXPECT_FALSE(first->value);
  waiters.wake(&batch);
  test::run_ready(context);
  EXPECT_TRUE(first->value && second->value);
  EXPECT_EQ(waiters.count(), 0U);
}

TEST_F(QueryWaiters, MayWaitForNothingInParticular) {
  const auto waiter = test::start(context, wait_until(waiters, boottime_clock::now() + 1h));
  test::run_ready(context);
  waiters.wake(&batch);
  test::run_ready(context);
  EXPECT_FALSE(waiter->value);
  EXPECT_TRUE(waiters.containers(&batch).empty());
  waiters.wake_all();
  test::run_ready(context);
  EXPECT_TRUE(waiter->value);
  const auto late = test::start(context, wait_until(waiters, boottime_clock::now()));
  EXPECT_TRUE(test::run_until(context, [&] { return late->value.has_value(); }));
}

TEST_F(QueryWaiters, WakeAtTheirOwnDeadlines) {
  const auto late = start(1h);
  const auto second = start(20ms);
  const auto first = start(1ms);
  EXPECT_TRUE(test::run_until(context, [&] { return first->value.has_value(); }));
  EXPECT_FALSE(second->value);
  EXPECT_TRUE(test::run_until(context, [&] { return second->value.has_value(); }));
  EXPECT_FALSE(late->value);
}

}  // namespace
}  // namespace sidecar::http
