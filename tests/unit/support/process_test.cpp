#include "support/process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

TEST(Process, ReportsItsExitCodeAndBothOutputs) {
  process child{"/bin/sh", {"-c", "echo out; echo err >&2; printf unended; exit 7"}};
  EXPECT_EQ(child.wait(), (exit_status{7, 0}));
  EXPECT_TRUE(child.wait_for_output([](const std::string& line) { return line == "unended"; }));
  EXPECT_TRUE(child.wait_for_error([](const std::string& line) { return line == "err"; }));
  EXPECT_EQ(child.output(), (std::vector<std::string>{"out", "unended"}));
}

TEST(Process, HasOnlyTheGivenEnvironment) {
  process child{"/usr/bin/env", {}, {{"NAME", "value"}}};
  EXPECT_EQ(child.wait(), (exit_status{0, 0}));
  EXPECT_TRUE(child.wait_for_output([](const std::string& line) { return line == "NAME=value"; }));
  EXPECT_EQ(child.output().size(), 1U);
}

TEST(Process, InheritsNoFile) {
  const int kept = ::dup(STDERR_FILENO);
  process child{"/bin/sh", {"-c", "test -e /proc/self/fd/" + std::to_string(kept)}};
  EXPECT_EQ(child.wait(), (exit_status{1, 0}));
  ::close(kept);
}

TEST(Process, WaitingEndsWithTheTimeOrTheStream) {
  process child{"/bin/sleep", {"60"}};
  EXPECT_EQ(child.wait(10ms), std::nullopt);
  EXPECT_EQ(child.wait_for_output([](const std::string&) { return true; }, 10ms), std::nullopt);
  EXPECT_EQ(child.terminate(SIGTERM), (exit_status{-1, SIGTERM}));
  EXPECT_EQ(child.wait_for_output([](const std::string&) { return true; }), std::nullopt);
}

TEST(Process, DestructorKillsAndReaps) {
  pid_t id = 0;
  {
    const process child{"/bin/sleep", {"60"}};
    id = child.id();
  }
  EXPECT_EQ(::waitpid(id, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Process, MissingProgramExitsWith127) {
  process child{"/no/such/program", {}};
  EXPECT_EQ(child.wait(), (exit_status{127, 0}));
}

}  // namespace
}  // namespace sidecar::test
