#include "sidecar/app/shutdown.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <stdexcept>
#include <string>

#include "sidecar/net/coro.hpp"

namespace sidecar::app {
namespace {

boost::asio::awaitable<void> fail() {
  throw std::runtime_error("a bug");
  co_return;
}

TEST(RunLoop, EndsWithTheLoopOrWithAnExceptionThatIsLogged) {
  boost::asio::io_context loop{1};
  EXPECT_TRUE(run_loop(loop));
  loop.restart();
  boost::asio::co_spawn(loop, fail(), net::rethrow);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(run_loop(loop));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("error=\"a bug\"\n"), std::string::npos);
}

}  // namespace
}  // namespace sidecar::app
