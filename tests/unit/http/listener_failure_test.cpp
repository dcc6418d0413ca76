#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/http/listener.hpp"
#include "sidecar/http/server.hpp"

namespace {

enum class accepting { well, fails_without_memory, fails_every_other_time, costs_memory };

accepting mode = accepting::well;
int attempts = 0;
constexpr int never = -1;
int allocations_left = never;  ///< before one fails
int allocations_to_leave = 0;  ///< after an accept that costs memory

}  // namespace

// Not inlined: GCC would see malloc meet delete, and new meet free, where it inlines one and not the other.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (allocations_left != never && allocations_left-- == 0) throw std::bad_alloc{};
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

/// Instead of the C library's.
extern "C" int accept4(int file, sockaddr* address, socklen_t* length, int flags) {
  ++attempts;
  if (mode == accepting::fails_without_memory) allocations_left = 0;
  if (mode == accepting::fails_without_memory || (mode == accepting::fails_every_other_time && attempts % 2 == 0)) {
    errno = EMFILE;
    return -1;
  }
  const auto accepted = static_cast<int>(::syscall(SYS_accept4, file, address, length, flags));
  if (mode == accepting::costs_memory && accepted != -1) allocations_left = allocations_to_leave;
  return accepted;
}

namespace sidecar::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

class FailingListener : public testing::Test {
 protected:
  ~FailingListener() override {
    mode = accepting::well;
    allocations_left = never;
  }

  void start(accepting how) {
    mode = how;
    attempts = 0;
    tested.emplace(open_listener(io.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false).value(),
                   health_endpoint{});
    tested->start();
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

  asio::io_context io{1};
  std::optional<server> tested;
};

TEST_F(FailingListener, TriesAgainAfterAPauseWhenItEndsInAnException) {
  start(accepting::fails_without_memory);
  tcp::socket peer(io);
  peer.connect(tested->local_endpoint());
  const auto log = log_of(100ms);
  EXPECT_GE(attempts, 2);
  EXPECT_LE(attempts, 6);  // after 0, 5, 15, 35 and 75 ms
  EXPECT_EQ(lines_with("no connection can be accepted", log), 1U) << log;

  mode = accepting::well;
  log_of(300ms);
  EXPECT_EQ(tested->sessions(), 1U);
}

TEST_F(FailingListener, StartingAgainWhatRunsChangesNothing) {
  testing::internal::CaptureStderr();
  const auto begin = std::chrono::steady_clock::now();
  start(accepting::fails_without_memory);
  tcp::socket peer(io);
  peer.connect(tested->local_endpoint());
  for (int i = 0; i < 10; ++i) {
    tested->start();
    io.restart();
    io.run_for(10ms);
  }
  allocations_left = never;  // the next one would be the test's own
  testing::internal::GetCapturedStderr();
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  int expected = 1;
  for (auto next = 5ms; next <= elapsed; next = 2 * next + 5ms) ++expected;  // after 0, 5, 15, 35 and 75 ms
  EXPECT_GE(attempts, 2);
  EXPECT_LE(attempts, expected);
}

TEST_F(FailingListener, WhateverAConnectionLacksMemoryForThoseAfterItHaveTheirLimits) {
  for (allocations_to_leave = 0; allocations_to_leave < 6; ++allocations_to_leave) {
    asio::io_context fresh{1};
    server one(open_listener(fresh.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false).value(),
               health_endpoint{}, {.bounds = {.head = 10ms, .sweep = 2ms}});
    const auto run = [&] {
      try {
        one.start();
        fresh.restart();
        fresh.run_for(10ms);
      } catch (const std::bad_alloc&) {
      }
    };
    tcp::socket unlucky(io);
    unlucky.connect(one.local_endpoint());
    mode = accepting::costs_memory;
    run();
    mode = accepting::well;
    allocations_left = never;
    tcp::socket silent(io);
    silent.connect(one.local_endpoint());
    silent.non_blocking(true);
    const auto is_closed = [&silent] {
      char byte = 0;
      boost::system::error_code ended;
      silent.read_some(asio::buffer(&byte, 1), ended);
      return ended == asio::error::eof;
    };
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!is_closed() && std::chrono::steady_clock::now() < deadline) run();
    EXPECT_TRUE(is_closed()) << "nobody is silent for that long; left: " << allocations_to_leave;
    fresh.stop();
  }
}

TEST_F(FailingListener, EveryOtherFailureIsToldOnce) {
  start(accepting::fails_every_other_time);
  std::vector<tcp::socket> peers;
  for (int i = 0; i < 5; ++i) peers.emplace_back(io).connect(tested->local_endpoint());
  const auto log = log_of(300ms);
  EXPECT_GE(tested->sessions(), 3U);
  EXPECT_EQ(lines_with("no connection can be accepted", log), 1U) << log;
  EXPECT_EQ(lines_with("accepted again", log), 0U) << log;
}

}  // namespace
}  // namespace sidecar::http
