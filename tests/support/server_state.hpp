#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "support/api_server.hpp"
#include "support/cluster.hpp"
#include "support/faults.hpp"
#include "support/server_tls.hpp"

namespace sidecar::test {

class session;

/// What the server's thread and the tests' threads share. Everything but `mutex` and `changed` is guarded by `mutex`.
struct server_state {
  /// All that a session needs to know of a request that has been read.
  struct decision {
    answer reply;
    std::optional<fault> trouble;
    bool held = false;
    std::chrono::microseconds service_time{0};
    std::chrono::microseconds service_work{0};
    std::uint64_t number = 0;  ///< the request's
  };

  struct active_fault {
    fault what;
    std::optional<std::chrono::steady_clock::time_point> until;
  };

  mutable std::mutex mutex;
  std::condition_variable changed;

  cluster holdings;
  std::optional<server_contexts> tls;  ///< nothing: plain HTTP
  std::deque<active_fault> faults;
  std::deque<std::shared_ptr<session>> gate;
  bool holding = false;
  std::chrono::microseconds service_time{0};
  std::chrono::microseconds service_work{0};
  std::deque<seen_request> requests;
  std::size_t requests_remembered = 0;
  std::uint64_t last_number = 0;
  server_counts counts;

  /// The first fault for one of these phases, counted down. Takes the lock.
  std::optional<fault> take(std::initializer_list<phase> phases);
  /// Enters the request in the books, decides its answer and, if the gate is closed, queues `asker`, all in one
  /// moment. Takes the lock.
  decision decide(const http_request& request, std::uint64_t connection, const std::shared_ptr<session>& asker,
                  std::string server_name = {});
  /// Enters that a request's answer has been written. Takes the lock.
  void note_answered(std::uint64_t number);
  /// Changes the counts and wakes those who wait for them. Takes the lock.
  template <class Change>
  void count(Change change) {
    {
      const std::lock_guard lock{mutex};
      change(counts);
    }
    changed.notify_all();
  }

  void drop_expired_faults();  ///< with the lock held

 private:
  std::optional<fault> take_locked(std::initializer_list<phase> phases);
};

}  // namespace sidecar::test
