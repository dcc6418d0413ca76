#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "../daemon.hpp"

namespace sidecar::test {

/// One question of one client and what it came to, as `summary` says it.
struct asked_and_answered {
  std::chrono::steady_clock::time_point asked;
  std::chrono::steady_clock::time_point answered;
  std::string answer;

  bool held() const { return answer.ends_with(" held"); }
};

/// Clients that ask at the same time for as long as this lives, each on a connection that it keeps, with a pause
/// between its questions as a load balancer has one.
class crowd {
 public:
  crowd(const daemon& of, std::size_t clients, std::chrono::milliseconds pause);
  ~crowd();
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  /// Waits for an answer like that to a question asked from now on.
  bool wait_for(const std::function<bool(const asked_and_answered&)>& wanted,
                std::chrono::milliseconds timeout = std::chrono::seconds{15});
  /// The answers of each client, in their order. No more come.
  const std::vector<std::vector<asked_and_answered>>& stop();
  /// Every byte that came, without repetitions. After `stop`.
  std::string bytes() const;

 private:
  void ask_on_and_on(std::size_t number, std::uint16_t port);
  void note(std::size_t number, asked_and_answered one, std::string bytes);
  bool pause_is_over();

  std::chrono::milliseconds pause_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<std::vector<asked_and_answered>> answers_;
  std::set<std::string> bytes_;
  std::vector<std::thread> clients_;
};

/// When which truth stood at the API server. A change takes effect between the moments before and after it.
class truth_log {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// True from the beginning of time.
  explicit truth_log(api_server& api) : api_(api) {}
  void set_ready(bool ready);
  /// Whether the pod may have been that, ready or not, at some moment from `from` to `to`.
  bool may_have_been(bool ready, time_point from, time_point to) const;

 private:
  struct change {
    time_point before;
    time_point after;
    bool ready;
  };

  api_server& api_;
  std::vector<change> changes_{{time_point::min(), time_point::min(), true}};
};

}  // namespace sidecar::test
