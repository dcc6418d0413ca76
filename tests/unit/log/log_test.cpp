#include "sidecar/base/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>

namespace sidecar::log {
namespace {

// Standard error belongs to the process, so each test runs in a child process.
class Log : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

[[noreturn]] void pass_if(bool outcome) { std::_Exit(outcome ? 0 : 1); }

struct pipe_pair {
  pipe_pair() {
    if (::pipe(ends.data()) != 0) pass_if(false);
  }
  void become_stderr() { ::dup2(ends[1], STDERR_FILENO); }
  void close_reader() { ::close(ends[0]); }
  void fill() {
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const std::array<char, 4096> block{};
    while (::write(ends[1], block.data(), block.size()) > 0) {
    }
    ::fcntl(ends[1], F_SETFL, 0);
  }
  void empty() {
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::array<char, 4096> block{};
    while (::read(ends[0], block.data(), block.size()) > 0) {
    }
  }
  std::string read() {
    std::array<char, 8192> block{};
    const auto count = ::read(ends[0], block.data(), block.size());
    return {block.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }
  std::array<int, 2> ends{};
};

TEST_F(Log, WritesTextAtInfoBeforeItIsConfigured) {
  EXPECT_EXIT(
      {
        debug("quiet");
        info("loud", {{"key", "value"}});
        pass_if(!enabled(level::debug) && enabled(level::info));
      },
      testing::ExitedWithCode(0), "Z info  loud key=value\n");
}

TEST_F(Log, WritesNothingBelowItsLevel) {
  EXPECT_EXIT(
      {
        pipe_pair out;
        out.become_stderr();
        configure(level::error, format::text);
        info("quiet");
        warn("quiet");
        error("loud");
        const std::string seen = out.read();
        pass_if(seen.find("quiet") == std::string::npos && seen.ends_with("Z error loud\n"));
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Log, WritesJson) {
  EXPECT_EXIT(
      {
        configure(level::debug, format::json);
        debug("m");
        pass_if(true);
      },
      testing::ExitedWithCode(0), "\"level\":\"debug\",\"message\":\"m\"\\}\n$");
}

TEST_F(Log, SurvivesAReaderThatClosedAndAFullDisk) {
  EXPECT_EXIT(
      {
        pipe_pair out;
        out.become_stderr();
        out.close_reader();
        for (int i = 0; i < 3; ++i) error("not read");
        ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        for (int i = 0; i < 3; ++i) error("no room for this");
        pass_if(true);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Log, NeverWaitsForAStalledReaderAndCountsLostLines) {
  EXPECT_EXIT(
      {
        ::alarm(20);
        pipe_pair out;
        out.become_stderr();
        out.fill();
        for (int i = 0; i < 3; ++i) error("lost");
        out.empty();
        info("through");
        const std::string seen = out.read();
        pass_if(seen.find("lost=3\n") != std::string::npos && seen.ends_with("through\n"));
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Log, KeepsTheDescriptorOfAClosedStandardErrorFromSockets) {
  EXPECT_EXIT(
      {
        ::close(STDERR_FILENO);
        configure(level::info, format::text);
        const int next = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
        info("into the void");
        pass_if(next != STDERR_FILENO);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace sidecar::log
