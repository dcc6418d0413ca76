#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/watch/steps.hpp"
#include "sidecar/watch/watch_ending.hpp"
#include "sidecar/watch/watch_table.hpp"
#include "sidecar/watch/watch_times.hpp"

namespace sidecar::watch {

/// PURE. Keeps something current by LIST and WATCH (Kubernetes API concepts, "Efficient detection of changes"): one
/// pod, the pods of a node, or a node itself. It decides when to LIST and WATCH, and how long the cache counts as
/// current; what is cached, and which of two states is newer, is the driver's (watch_subject). A LIST says what is true
/// since its start, and a WATCH can begin from its resourceVersion, whatever the age of what it lists; so there is no
/// other way to begin, to begin again and to check.
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

  /// How often in a row.
  struct counters {
    int failures = 0;
    int short_watches = 0;
    int failed_resyncs = 0;
    int unordered_lists = 0;
  };

  static constexpr int max_short_watches = 5;
  static constexpr int max_unordered_lists = 3;

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
  std::optional<time_point> confirmed_;          ///< the start of the last LIST that confirmed what is known
  std::optional<open_watch> watch_;
  counters in_a_row_;
  kube::failure problem_{health::reason::api_timeout, {}, {}};  ///< the last one
  time_point due_{};  ///< when the machine acts without an input: resync, relist, end of a pause
};

}  // namespace sidecar::watch
