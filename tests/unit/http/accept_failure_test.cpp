#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "server_fixture.hpp"

namespace {

enum class accepting { well, fails, fails_every_other_time };

accepting mode = accepting::well;
int attempts = 0;

}  // namespace

/// Instead of the C library's, which Asio calls.
extern "C" int accept(int file, sockaddr* address, socklen_t* length) {
  ++attempts;
  if (mode == accepting::fails || (mode == accepting::fails_every_other_time && attempts % 2 == 0)) {
    errno = EMFILE;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept, file, address, length));
}

namespace sidecar::http {
namespace {

class AcceptFailure : public server_fixture {
 protected:
  ~AcceptFailure() override { mode = accepting::well; }

  void start_to(accepting how) {
    mode = how;
    attempts = 0;
    start();
  }

  /// What is logged while everything runs.
  std::string log_of(std::chrono::milliseconds time) {
    testing::internal::CaptureStderr();
    io.restart();
    io.run_for(time);
    return testing::internal::GetCapturedStderr();
  }

  static std::size_t lines_with(const std::string& text, const std::string& log) {
    std::size_t count = 0;
    for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
    return count;
  }
};

TEST_F(AcceptFailure, IsLoggedOnceAndTriedAgainAfterPauses) {
  start_to(accepting::fails);
  const auto peer = connect();
  const auto log = log_of(100ms);
  EXPECT_GE(attempts, 2);
  EXPECT_LE(attempts, 6);  // after 0, 5, 15, 35 and 75 ms
  EXPECT_EQ(lines_with("no connection can be accepted", log), 1U) << log;

  mode = accepting::well;
  EXPECT_TRUE(run_until([&] { return tested->connections() == 1; }));
}

TEST_F(AcceptFailure, EveryOtherTimeIsLoggedOnce) {
  start_to(accepting::fails_every_other_time);
  std::vector<client> peers;
  for (int i = 0; i < 5; ++i) peers.push_back(connect());
  const auto log = log_of(300ms);
  EXPECT_GE(tested->connections(), 3U);
  EXPECT_EQ(lines_with("no connection can be accepted", log), 1U) << log;
  EXPECT_EQ(lines_with("accepted again", log), 0U) << log;
}

}  // namespace
}  // namespace sidecar::http
