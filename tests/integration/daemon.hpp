#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/api_server.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"

/// The real executable, in a cluster that is a stand-in API server and the files of a service account.
namespace sidecar::test {

using variables = std::map<std::string, std::string>;

/// `{"STALE_GRACE", "0"}` -> `{"HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE", "0"}`
variables named(const variables& options);

/// What a load balancer sees of an answer: "200 OK", "500 ContainerNotReady", and " held" after an answer that says so.
/// "no answer" if there is none.
std::string summary(const std::optional<http_response>& answer);

/// Asks, at least once and without a pause, until the answer is `wanted` or the time is over.
template <class Ask>
std::string last_answer(const Ask& ask, std::string_view wanted, std::chrono::milliseconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  std::string last = ask();
  while (last != wanted && std::chrono::steady_clock::now() < end) last = ask();
  return last;
}

/// The token is "METHOD /path" or "METHOD /path HTTP/1.0"; the request says nothing but that.
std::string request(std::string_view line);

/// A question that has been asked; the answer is read later.
class question {
 public:
  explicit question(std::uint16_t port, std::string_view line = "GET /healthz");
  /// Waits for it.
  std::string answer();

 private:
  std::unique_ptr<http_client> client_;
};

/// The executable, running.
class daemon {
 public:
  /// Waits until it listens. `environment` is all there is; with `wrapper` the executable is started by that command.
  explicit daemon(const variables& environment, const std::vector<std::string>& arguments = {},
                  const std::vector<std::string>& wrapper = {});

  std::uint16_t port() const noexcept { return port_; }
  /// 0 if it has none.
  std::uint16_t agent_port() const noexcept { return agent_port_; }
  std::uint16_t status_port() const noexcept { return status_port_; }
  process& running() noexcept { return *process_; }

  /// Asks on a connection of its own and waits for the answer.
  std::string ask(std::string_view line = "GET /healthz") const;
  /// Until the answer is that; the last one if it never is. For what is about to happen.
  std::string ask_until(std::string_view answer) const;
  /// The test fails if there is none.
  http_response response_to(std::string_view request) const;
  /// Of the status port; std::bad_optional_access if there is none.
  http_response status(const std::string& path) const;
  question begin(std::string_view line = "GET /healthz") const { return question{port_, line}; }
  std::vector<question> begin(std::size_t count) const;
  /// Returns when everything that was sent to it so far has been read: it has one thread.
  void catch_up() const;

  bool is_alive() { return !process_->wait(std::chrono::milliseconds{0}); }
  exit_status stop(int signal);
  /// Waits for a line of the log that contains `text`; empty if none comes.
  std::string logged(std::string_view text);
  /// The lines that contain `text`, of those that have been read so far: after `logged`, all up to that one.
  std::vector<std::string> lines(std::string_view text = {}) const;
  /// Stops it, and returns every line with `text` that it ever wrote.
  std::vector<std::string> stop_and_read(std::string_view text = {});

 private:
  std::unique_ptr<process> process_;
  std::uint16_t port_ = 0;
  std::uint16_t agent_port_ = 0;
  std::uint16_t status_port_ = 0;
};

/// How a process ended that was not to run for long, and what it said.
struct outcome {
  int code = -1;
  std::string output;
  std::string error;
};
outcome run_to_the_end(const variables& environment, const std::vector<std::string>& arguments = {});
outcome run_program(const std::string& path, const std::vector<std::string>& arguments,
                    const variables& environment = {});

/// Neither a token nor a piece of one is in any of `texts`.
void expect_no_token(const std::vector<std::string>& texts, const std::vector<std::string>& tokens);

/// The pod demo/game-0 with the ready containers `game` and `health`, which have readiness probes, and a service
/// account that may read it.
class cluster_fixture : public testing::Test {
 protected:
  explicit cluster_fixture(const api_server::options& wanted = {});

  /// What a pod's container finds in its environment; options are named without their prefix. Clients wait long, so
  /// that a busy machine changes no answer; a test that is about waiting says how long.
  variables environment(const variables& options = {}) const;
  std::unique_ptr<daemon> start(const variables& options = {}) const {
    return std::make_unique<daemon>(environment(options));
  }
  void change_pod(const std::function<void(pod&)>& change) { api.update_pod("demo", "game-0", change); }
  /// Within one question after each change of the pod, which is ready in the end.
  void expect_right_answers(const daemon& of);

  temp_dir directory;
  api_server api;
  std::string token;
  service_account_files account;
};

/// The same for SOURCE=watch. The API server says at once that it watches, or the sidecar would wait a second for that.
class watch_fixture : public cluster_fixture {
 protected:
  explicit watch_fixture(const api_server::options& wanted = {});

  variables watching(variables options = {}) const;
  /// Waits until it answers from memory.
  std::unique_ptr<daemon> start_watching(const variables& options = {});
  void expect_memory(const daemon& of, const std::string& container = "game");
  /// Waits until what is written to the watches has grown by that many events, which `cause` brings about.
  void expect_events(std::uint64_t count, const std::function<void()>& cause);
  /// Delivered before the pod's change is asked about.
  void tell_ready(bool ready);
  void expect_right_answers(const daemon& of);
};

}  // namespace sidecar::test
