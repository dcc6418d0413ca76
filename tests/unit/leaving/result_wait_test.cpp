#include "sidecar/leaving/result_wait.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>

#include "unit/net/run.hpp"

namespace sidecar::leaving {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class ResultWait : public testing::Test {
 protected:
  static asio::awaitable<bool> wait(result_wait& result) {
    co_await result.wait();
    co_return true;
  }
  std::shared_ptr<test::started<bool>> start() {
    auto waiter = test::start(context, wait(result));
    test::run_ready(context);
    return waiter;
  }

  asio::io_context context{1};
  result_wait result{context.get_executor()};
};

TEST_F(ResultWait, IsOverAtOnceWhileNoResultIsAwaited) {
  EXPECT_FALSE(result.is_pending());
  EXPECT_TRUE(start()->value);
  EXPECT_FALSE(result.end());
}

TEST_F(ResultWait, IsOverForAllWhenTheResultComes) {
  result.await(1h);
  EXPECT_TRUE(result.is_pending());
  const auto first = start();
  const auto second = start();
  EXPECT_FALSE(first->value || second->value);
  EXPECT_TRUE(result.end());
  EXPECT_FALSE(result.is_pending());
  test::run_ready(context);
  EXPECT_TRUE(first->value && second->value);
  EXPECT_FALSE(result.end()) << "once";
}

TEST_F(ResultWait, IsOverWhenTheTimeHasPassedAndTheResultIsAwaitedStill) {
  result.await(20ms);
  const auto waiter = start();
  EXPECT_TRUE(test::run_until(context, [&] { return waiter->value.has_value(); }));
  EXPECT_FALSE(result.is_pending());
  EXPECT_TRUE(start()->value) << "a result that never comes delays once";
  EXPECT_TRUE(result.end());
}

TEST_F(ResultWait, HasNoTimeThatIsNegative) {
  result.await(-1h);
  EXPECT_FALSE(result.is_pending());
  EXPECT_TRUE(start()->value);
}

TEST_F(ResultWait, GoesOnForAnotherResult) {
  result.await(1h);
  const auto waiter = start();
  result.end();
  result.await(1h);
  test::run_ready(context);
  EXPECT_FALSE(waiter->value);
  result.end();
  test::run_ready(context);
  EXPECT_TRUE(waiter->value);
}

TEST(ResultWaitLifetime, MayEndBeforeACoroutineThatIsDestroyedWithTheIoContext) {
  asio::io_context context{1};
  {
    result_wait result{context.get_executor()};
    result.await(1h);
    asio::co_spawn(context, result.wait(), [](std::exception_ptr) {});
    context.poll();
  }
}

}  // namespace
}  // namespace sidecar::leaving
