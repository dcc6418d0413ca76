#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/resource_version.hpp"
#include "sidecar/kube/watch_end.hpp"
#include "sidecar/watch/watch_statistics.hpp"

/// The inputs of the watch machine, and the actions that its driver performs.
namespace sidecar::watch::steps {

// Inputs.

struct stopped {};
/// The timer has expired, perhaps that of an earlier sleep; the first begins to list.
struct woken {};
/// Something else is to be watched from now on, of which nothing is known yet.
struct renewed {};
/// How what a LIST found relates to what is known.
struct learnt {
  kube::version_order order;  ///< of two states that cannot be ordered the known one stays, until another LIST decides
  time_point confirmed;       ///< the start of the last LIST that confirmed what is known
};
/// The result of the last LIST.
struct listed {
  kube::outcome<learnt> found;
  std::string version{};           ///< the list's, from which a watch starts
  bool is_watch_outdated = false;  ///< the CA bundle that verified the watch's server has been replaced
};
/// The API server has accepted the watch.
struct accepted {};
/// An event of the open watch, other than a bookmark, which changes nothing.
struct delivered {
  kube::version_order order;  ///< of its state, relative to the known one
  bool is_caught_up = true;   ///< with it the watch has delivered all that the last LIST found
};
/// The end of the open watch.
using ended = kube::watch_end;

using input = std::variant<stopped, renewed, woken, listed, accepted, delivered, ended>;

// Actions, to be performed in order.

struct list {};
struct watch {
  std::string version;  ///< the watch delivers what comes after it
  std::chrono::seconds length;
};
/// Closes the watch: nothing of it is an input any more.
struct close {
  std::optional<restart_cause> why{};  ///< empty: not counted; the process ends, or watches something else
};
/// Replaces the previous sleep.
struct sleep {
  time_point until;
};
/// What is known is what answers are made from.
struct publish {};
/// Of two states that cannot be ordered the less healthy one is used until another LIST decides.
struct publish_if_worse {};
/// The known state is no longer current: the hold rule applies.
struct mark_stale {
  kube::failure why;
  /// Between two watches, for seconds: not worth a line, since the next LIST says whether there is more to it.
  bool is_gap = false;
};
/// Where answers come from.
enum class source : std::uint8_t { cache, live };
struct serve {
  source origin;
};
/// For the log; the notice log decides whether it becomes a line.
struct notice {
  enum class kind : std::uint8_t {
    missed_event,  ///< the watch did not deliver what a LIST found
    denied,        ///< the service account may not list or watch
    watches_cut,   ///< each watch ends within seconds
    restored,      ///< after either of these two
    watch_ended,   ///< the watch ended and will be opened again; noted by the driver
  };
  notice::kind what;
  std::string detail{};
};

using action = std::variant<list, watch, close, sleep, publish, publish_if_worse, mark_stale, serve, notice>;
using actions = std::vector<action>;

}  // namespace sidecar::watch::steps
