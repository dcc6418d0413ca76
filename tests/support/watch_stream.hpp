#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "support/cluster.hpp"
#include "support/watch_faults.hpp"

namespace sidecar::test {

/// What one open watch has still to say, and when. No sockets, no threads; the time is passed in.
class watch_stream {
 public:
  using clock = std::chrono::steady_clock;

  struct due_event {
    watch_event event;
    clock::time_point changed;
  };
  /// What is to be written now. Nothing at all: ask again at `look_again`, or earlier if something was put in.
  struct step {
    std::vector<due_event> events = {};    ///< in one chunk
    std::optional<watch_event> half = {};  ///< torn by the end
    std::optional<watch_end> end = {};     ///< after that
    clock::time_point look_again = clock::time_point::max();
  };

  watch_stream(std::uint64_t number, watch_request wanted, const watch_behaviour& habits, odd_watch oddity,
               clock::time_point now);

  std::uint64_t number() const noexcept { return number_; }
  const watch_request& wanted() const noexcept { return wanted_; }
  resource_kind kind() const noexcept { return wanted_.selection.kind; }
  const odd_watch& oddity() const noexcept { return odd_; }
  /// Nothing has been taken yet.
  bool idle() const noexcept { return taken_ == 0; }
  bool headers_at_once() const noexcept { return odd_.headers_at_once.value_or(headers_at_once_); }

  void begin(const cluster::watch_start& start, clock::time_point now);
  /// False if that pod is not this watch's, or the change is one that it does not get.
  bool offer(const object_change& change, clock::time_point now);
  /// In any case, even where changes are kept back.
  void push(watch_event event, clock::time_point now);
  /// After what is due; `half` is for an end in the middle of an event.
  void end(watch_end how, std::optional<watch_event> half = std::nullopt);

  /// `version` is the cluster's, for bookmarks.
  step next(std::uint64_t version, clock::time_point now);

 private:
  void plan_bookmark(clock::time_point now);
  step take_events();
  watch_event edited(watch_event event);

  std::uint64_t number_;
  watch_request wanted_;
  odd_watch odd_;
  bool headers_at_once_;
  std::chrono::microseconds bookmark_interval_;
  clock::time_point next_bookmark_ = clock::time_point::max();
  clock::time_point last_bookmark_ = clock::time_point::max();  ///< shortly before the end
  clock::time_point deadline_ = clock::time_point::max();
  std::uint64_t since_ = 0;
  std::deque<due_event> queue_;
  std::uint64_t taken_ = 0;  ///< events that `next` has handed out
  step end_;                 ///< without events
};

}  // namespace sidecar::test
