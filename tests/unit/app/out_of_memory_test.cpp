#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "sidecar/app/app.hpp"
#include "sidecar/app/daemon.hpp"
#include "sidecar/app/health_service.hpp"
#include "sidecar/net/event.hpp"
#include "support/http_client.hpp"
#include "unit/app/failing_memory.hpp"

namespace {

/// How many allocations fail once a connection is to be accepted; of this thread's, a test's clients have their own.
thread_local int planned_failures = 0;

}  // namespace

/// Instead of the C library's.
extern "C" int accept4(int file, sockaddr* address, socklen_t* length, int flags) {
  using sidecar::test::failures;
  if (failures = std::exchange(planned_failures, 0); failures > 0) {
    errno = ENOMEM;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, file, address, length, flags));
}

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using test::failures;
using test::spared;

class OutOfMemory : public testing::Test {
 protected:
  OutOfMemory() {
    settings.listen = {.address = "127.0.0.1", .port = 0, .defaulted = false};
    settings.state_override = "true";
    testing::internal::CaptureStderr();
    tested.emplace(settings, nullptr, nullptr);
    tested->listen();
    const auto log = testing::internal::GetCapturedStderr();
    const std::string before_port = "listen=127.0.0.1:";
    port = static_cast<std::uint16_t>(std::stoi(log.substr(log.find(before_port) + before_port.size())));
  }
  ~OutOfMemory() override { failures = planned_failures = 0; }

  /// Its exit code, and what a client got that waits so long for an answer and then ends it.
  std::pair<int, std::string> run_with(int failed_allocations, std::chrono::milliseconds patience) {
    planned_failures = failed_allocations;
    std::string answer;
    std::thread client([&] {
      test::http_client peer("127.0.0.1", port, patience);
      const auto answered = peer.ask("GET /healthz HTTP/1.0\r\n\r\n");
      answer = answered ? answered->status_line : "none";
      ::kill(::getpid(), SIGINT);
    });
    const int code = tested->run();
    failures = 0;
    client.join();
    return {code, answer};
  }

  config::config settings;
  std::optional<daemon> tested;
  std::uint16_t port = 0;
};

TEST_F(OutOfMemory, ForAMomentItAcceptsAgainAfterwards) {
  EXPECT_EQ(run_with(12, 10s), std::pair(128 + SIGINT, std::string{"HTTP/1.1 200 OK"}));
}

TEST_F(OutOfMemory, ForGoodItEnds) {
  EXPECT_EQ(run_with(std::numeric_limits<int>::max(), 100ms), std::pair(int{exit_failure}, std::string{"none"}));
}

namespace asio = boost::asio;

/// An API server that never answers.
class silent_source final : public kube::pod_source {
 public:
  explicit silent_source(const asio::any_io_executor& executor) : never_(executor) {}
  asio::awaitable<kube::fetch_result> fetch_pod(std::function<void()> seal) override {
    seal();
    co_await never_.wait();
    co_return kube::failure{health::reason::api_timeout, {}, {}};
  }

 private:
  net::event never_;
};

asio::awaitable<void> ask(health_service* service, int* answered) {
  auto question = service->ask();
  co_await std::move(question);
  ++*answered;
}

/// Runs everything; what lacks memory is heard of by whoever needed it.
void run_for(asio::io_context& io, std::chrono::milliseconds time) {
  try {
    io.restart();
    io.run_for(time);
  } catch (const std::bad_alloc&) {
  }
}

class QuestionOutOfMemory : public testing::Test {
 protected:
  ~QuestionOutOfMemory() override { failures = 0; }
};

TEST_F(QuestionOutOfMemory, LeavesThoseAfterItTheirAnswerInTime) {
  for (int number = 0; number < 16; ++number) {
    asio::io_context io{1};
    silent_source source(io.get_executor());
    health_settings settings{.override_verdict = {}, .stale_grace = 30s, .answer_timeout = 10ms};
    health_service service(io.get_executor(), settings, &source);
    int answered = 0;
    const auto ask_now = [&] { asio::co_spawn(io, ask(&service, &answered), [](std::exception_ptr) {}); };
    ask_now();
    spared = number;
    failures = 1;
    run_for(io, 2ms);
    failures = 0;
    run_for(io, 20ms);
    answered = 0;
    ask_now();
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (answered == 0 && std::chrono::steady_clock::now() < deadline) run_for(io, 10ms);
    EXPECT_EQ(answered, 1) << "after allocation " << number;
  }
}

}  // namespace
}  // namespace sidecar::app
