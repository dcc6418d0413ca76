#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/api_server.hpp"
#include "support/cluster.hpp"
#include "support/faults.hpp"
#include "support/server_tls.hpp"
#include "support/watch_stream.hpp"

namespace sidecar::test {

class session;

/// What the server's thread and the tests' threads share. Everything but `mutex` and `changed` is guarded by `mutex`.
struct server_state {
  /// All that a session needs to know of a request that has been read.
  struct decision {
    answer reply;
    std::optional<fault> trouble;
    std::shared_ptr<watch_stream> watch;  ///< opened instead of a reply
    bool held = false;
    std::chrono::microseconds service_time{0};
    std::chrono::microseconds service_work{0};
    std::uint64_t number = 0;  ///< the request's
    bool of_nodes = false;
  };

  struct open_watch {
    std::shared_ptr<watch_stream> stream;
    std::weak_ptr<session> owner;
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
  bool holding_nodes = false;
  std::chrono::microseconds service_time{0};
  std::chrono::microseconds service_work{0};
  std::deque<seen_request> requests;  ///< but for nodes
  std::deque<seen_request> node_requests;
  std::size_t requests_remembered = 0;
  std::uint64_t last_number = 0;
  server_counts counts;
  traffic_log tenths;
  std::deque<written_event> events;
  std::size_t events_remembered = 0;

  watch_behaviour habits;
  std::set<resource_kind> events_held;
  std::map<resource_kind, unsigned> missed_by_all;  ///< changes that no watch gets
  std::map<const session*, open_watch> watches;
  std::vector<std::weak_ptr<session>> due;  ///< watches that have something to say
  std::function<void()> poke;               ///< has the server's thread look at `due`; nothing while it is stopped

  /// The first fault for one of these phases, counted down. Takes the lock.
  std::optional<fault> take(std::initializer_list<phase> phases);
  /// Counts the request, decides its answer and, if the gate is closed, queues `asker`, all in one
  /// moment. Takes the lock.
  decision decide(const http_request& request, std::uint64_t connection, const std::shared_ptr<session>& asker,
                  std::string server_name = {});
  /// Enters that a request's answer has been written. Takes the lock.
  void note_answered(std::uint64_t number, bool of_nodes);
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

  /// @name Watches
  /// @{
  /// Hands the changes of the holdings to the watches. With the lock held.
  void publish();
  /// Does it to every open watch of such objects. With the lock held.
  void for_all_watches(resource_kind kind, const std::function<void(watch_stream&)>& action);
  /// What the watch has to say now. Takes the lock.
  watch_stream::step next_step(watch_stream& stream);
  /// Counts events that are about to be written, and those that have been. Both take the lock.
  void note_events(const watch_stream& stream, std::uint64_t connection, const watch_stream::step& step);
  void count_events(const watch_stream& stream, std::size_t count);
  /// The session's watch, if it has one, is over. Takes the lock.
  void close_watch(const session* owner);
  /// @}

 private:
  std::optional<fault> take_locked(std::initializer_list<phase> phases,
                                   const std::optional<resource_request>& wanted = std::nullopt);
  seen_request& enter(const http_request& request, std::uint64_t connection,
                      const std::optional<resource_request>& wanted, std::string server_name);
  void count_node_request(asked_for kind);
  void count_request(asked_for kind, std::chrono::steady_clock::time_point now);
  void open(decision& result, watch_request wanted, const std::shared_ptr<session>& asker);
  std::uint64_t& watching(const watch_stream& stream) noexcept;
  void wake(const open_watch& watch);
};

}  // namespace sidecar::test
