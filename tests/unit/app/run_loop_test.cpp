#include "sidecar/app/run_loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <string>

#include "sidecar/net/coro.hpp"

namespace sidecar::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> fail() {
  throw std::runtime_error("a bug");
  co_return;
}

TEST(RunLoop, EndsWithTheLoop) {
  asio::io_context loop{1};
  bool ran = false;
  asio::post(loop, [&ran] { ran = true; });
  EXPECT_TRUE(run_loop(loop));
  EXPECT_TRUE(ran);
}

TEST(RunLoop, EndsWithAnExceptionThatLeavesAHandlerAndLogsIt) {
  asio::io_context loop{1};
  bool went_on = false;
  asio::post(loop, [] { throw std::runtime_error("a bug"); });
  asio::post(loop, [&went_on] { went_on = true; });
  testing::internal::CaptureStderr();
  EXPECT_FALSE(run_loop(loop));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("error=\"a bug\"\n"), std::string::npos);
  EXPECT_FALSE(went_on);
}

TEST(RunLoop, EndsWithTheExceptionOfACoroutineThatRethrows) {
  asio::io_context loop{1};
  asio::co_spawn(loop, fail(), net::rethrow);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(run_loop(loop));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("error=\"a bug\"\n"), std::string::npos);
}

}  // namespace
}  // namespace sidecar::app
