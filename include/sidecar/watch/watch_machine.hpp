#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/watch/steps.hpp"
#include "sidecar/watch/watch_table.hpp"

namespace sidecar::watch {

/// Some are drawn again each time, so that a fleet that lost its API server together does not come back together.
struct watch_times {
  std::chrono::seconds min_watch{240};  ///< the length that is requested: between these two
  std::chrono::seconds max_watch{300};
  std::chrono::nanoseconds resync = std::chrono::seconds{15};       ///< between LISTs, 10 % more or less
  std::chrono::nanoseconds resync_retry = std::chrono::seconds{1};  ///< one to two times this, doubled: <= `max_pause`
  std::chrono::nanoseconds current_for = std::chrono::seconds{20};  ///< since the start of the last LIST that counted
  std::chrono::nanoseconds catch_up = std::chrono::seconds{2};      ///< for the watch to deliver what a LIST has found
  std::chrono::nanoseconds pause = std::chrono::seconds{4};         ///< from 0 to this, doubled up to `max_pause`
  std::chrono::nanoseconds max_pause = std::chrono::seconds{8};     ///< client-go spreads its reconnects likewise
  std::chrono::nanoseconds max_denied_pause = std::chrono::minutes{5};
  std::chrono::nanoseconds short_watch = std::chrono::seconds{10};  ///< one that ended sooner was cut
  std::chrono::nanoseconds sound_watch = std::chrono::seconds{30};  ///< one that lasted so long has not failed
  bool has_live_source = true;                                      ///< answers can be had without LIST and WATCH

  /// `first`, doubled after each failure, at most `max`.
  static std::chrono::nanoseconds doubled(std::chrono::nanoseconds first, int failures, std::chrono::nanoseconds max) {
    constexpr int max_doublings = 20;
    return std::min(first * (1U << std::min(failures, max_doublings)), max);
  }
};

/// PURE. Keeps something current by LIST and WATCH (Kubernetes API concepts, "Efficient detection of changes"): one
/// pod, the pods of a node, or a node itself. It decides when to ask and how long what is known counts as current; what
/// is known, and which of two states is newer, is its driver's (watch_subject). A LIST says what is true since its
/// start, and a WATCH can begin from its resourceVersion, whatever the age of what it lists; so there is no other way
/// to begin, to begin again and to check.
///
/// * Only a LIST confirms: an event changes what is known, never how fresh it is, since it is as late as the path it
///   came on. A bookmark changes nothing.
/// * A watch that died silently looks like one without changes. So a LIST checks every 15 s (resync), and a watch that
///   does not deliver within 2 s what it found is begun again.
/// * Where LIST or WATCH is denied, or five watches in a row were cut, answers are live, and another attempt is made
///   now and then (of a node itself: it is read by a GET now and then). Without a live source (node mode) they stay
///   those of the last LIST, within the hold rule.
class watch_machine {
 public:
  using state = watch_table::state;

  /// `random`: from 0 to below 1.
  watch_machine(watch_times times, std::function<double()> random) : times_(times), random_(std::move(random)) {}

  /// Whatever input comes in whatever state; one that means nothing there is ignored.
  steps::actions step(const steps::input& given, time_point now);

  state current() const noexcept { return state_; }

 private:
  struct reader;
  struct performer;

  enum class failed_call : std::uint8_t {
    list,
    watch_unanswered,  ///< no connection, or no response
    watch_answered,    ///< by the API server or a proxy, which has refused or ended it
  };

  struct open_watch {
    time_point opened;
    std::chrono::seconds length;
    bool is_accepted = false;
  };
  /// How often in a row.
  struct counters {
    int failures = 0;
    int short_watches = 0;
    int failed_resyncs = 0;
    int unordered_lists = 0;
  };

  static constexpr int max_short_watches = 5;
  static constexpr int max_unordered_lists = 3;
  static constexpr std::chrono::seconds clock_difference{2};  ///< the server's clock and ours differ by less

  /// From `low` to `high`. Full jitter is one from 0: a fleet that lost its API server together does not come back
  /// together.
  std::chrono::nanoseconds jitter(std::chrono::nanoseconds low, std::chrono::nanoseconds high) {
    return low + std::chrono::duration_cast<std::chrono::nanoseconds>((high - low) * random_());
  }
  state open_state() const noexcept { return watch_->is_accepted ? state::watching : state::opening; }
  bool is_live() const noexcept { return obstacle_ && times_.has_live_source; }
  bool is_listing() const noexcept { return state_ == state::listing || state_ == state::resyncing; }

  watch_times times_;
  std::function<double()> random_;
  state state_ = state::backing_off;
  std::optional<steps::notice::kind> obstacle_;  ///< why LIST and WATCH cannot be used; empty: they can
  std::optional<time_point> confirmed_;                ///< the start of the last LIST that confirmed what is known
  std::optional<open_watch> watch_;
  counters in_a_row_;
  kube::failure problem_{health::reason::api_timeout, {}, {}};  ///< the last one
  time_point due_{};                                            ///< when the state's own time is up
};

}  // namespace sidecar::watch
