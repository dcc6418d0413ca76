#include "sidecar/net/coroutine_mutex.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/net/coro.hpp"
#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;

class CoroutineMutex : public testing::Test {
 protected:
  static asio::awaitable<char> take(CoroutineMutex& self, char name) {
    auto lock = co_await self.shared.acquire();
    self.mine.emplace(std::move(lock));
    self.order += name;
    co_return name;
  }

  asio::io_context context{1};
  coroutine_mutex shared{context.get_executor()};
  std::optional<coroutine_mutex::lock> mine;  ///< of the coroutine that holds the mutex
  std::string order;
};

TEST_F(CoroutineMutex, IsHeldByOneCoroutineAtATimeInOrder) {
  for (const char name : {'a', 'b', 'c'}) test::start(context, take(*this, name));
  test::run_ready(context);
  EXPECT_EQ(order, "a");
  mine.reset();
  test::run_ready(context);
  EXPECT_EQ(order, "ab");
  mine.reset();
  test::run_ready(context);
  EXPECT_EQ(order, "abc");
  mine.reset();
  test::start(context, take(*this, 'd'));
  test::run_ready(context);
  EXPECT_EQ(order, "abcd");
}

TEST_F(CoroutineMutex, IsFirstComeFirstServed) {
  test::start(context, take(*this, 'a'));
  test::start(context, take(*this, 'b'));
  test::run_ready(context);
  mine.reset();  // b is woken, and has not gone on yet
  test::start(context, take(*this, 'c'));
  test::run_ready(context);
  EXPECT_EQ(order, "ab");
}

asio::awaitable<bool> keep_forever(std::shared_ptr<coroutine_mutex> shared) {
  const auto mine = co_await shared->acquire();
  shared.reset();
  asio::steady_timer forever(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await forever.async_wait(use_result);
  co_return true;
}

TEST(CoroutineMutexOfAnIoContext, EndWithItInWhateverOrder) {
  asio::io_context context{1};
  auto shared = std::make_shared<coroutine_mutex>(context.get_executor());
  for (int i = 0; i < 3; ++i) test::start(context, keep_forever(shared));
  shared.reset();
  context.poll();
}

}  // namespace
}  // namespace sidecar::net
