#include "sidecar/net/one_shot_event.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>

#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;

asio::awaitable<bool> wait_for(std::shared_ptr<one_shot_event> wanted, std::string& log) {
  co_await wanted->wait();
  log += 'w';
  co_return true;
}

class OneShotEvent : public testing::Test {
 protected:
  asio::io_context context{1};
  std::shared_ptr<one_shot_event> wanted = std::make_shared<one_shot_event>(context.get_executor());
  std::string log;
};

TEST_F(OneShotEvent, WakesItsWaiterOnceItIsSet) {
  const auto waiter = test::start(context, wait_for(wanted, log));
  context.poll();
  EXPECT_FALSE(waiter->value);
  wanted->set();
  wanted->set();
  EXPECT_TRUE(test::run_until(context, [&] { return waiter->value.has_value(); }));
  EXPECT_EQ(log, "w");
}

TEST_F(OneShotEvent, WaitReturnsAtOnceWhereItIsSet) {
  wanted->set();
  EXPECT_TRUE(wanted->is_set());
  EXPECT_TRUE(test::run(context, wait_for(wanted, log)));
}

TEST_F(OneShotEvent, NeverWakesItsWaiterFromWithinTheCallersStack) {
  test::start(context, wait_for(wanted, log));
  context.poll();
  asio::post(context, [&] {
    wanted->set();
    log += 's';
  });
  test::run_until(context, [&] { return log.size() == 2; });
  EXPECT_EQ(log, "sw");
}

}  // namespace
}  // namespace sidecar::net
