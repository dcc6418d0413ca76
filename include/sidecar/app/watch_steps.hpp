#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/pod_watch.hpp"

/// What the watch machine is told, and what it has its driver do.
namespace sidecar::app::watch_steps {

// Inputs.

struct started {};
struct stopped {};
/// What was slept for has come, or something earlier that the machine had asked to be woken for.
struct woken {};
/// The end of the LIST that was asked for last.
struct listed {
  std::variant<health::snapshot, kube::failure> found;
  std::string version{};           ///< the list's own: where a watch begins
  bool is_watch_outdated = false;  ///< the watch's server was verified against a CA bundle that has been replaced since
};
/// The API server has accepted the watch.
struct accepted {};
/// What the open watch has delivered, and how it ended.
using delivered = kube::watch_event;
using ended = kube::watch_end;

using input = std::variant<started, stopped, woken, listed, accepted, delivered, ended>;

// Actions, to be performed in order.

struct list {};
struct watch {
  std::string version;  ///< the watch delivers what comes after it
  std::chrono::seconds length;
};
/// Nothing that the watch says from now on is an input.
struct close {};
/// In place of what was slept for before.
struct sleep {
  time_point until;
};
struct publish {
  health::snapshot known;
};
/// Of two states that cannot be ordered the less healthy one stands, until another LIST has decided.
struct publish_if_worse {
  health::pod_state other;
};
/// What is known was so at that time still.
struct mark_current {
  time_point since;
};
/// What is known is no longer current: the hold rule applies.
struct mark_stale {
  kube::failure why;
};
/// Where answers come from.
enum class source : std::uint8_t { cache, live };
struct serve {
  source from;
};
/// For the log; whether it is worth another line is for the log to say.
struct notice {
  enum class kind : std::uint8_t {
    missed_event,  ///< the watch did not deliver what a LIST found
    denied,        ///< the service account may not list or watch
    watches_cut,   ///< each watch ends within seconds
    restored,      ///< after either of these two
  };
  notice::kind what;
  std::string detail{};
};

using action =
    std::variant<list, watch, close, sleep, publish, publish_if_worse, mark_current, mark_stale, serve, notice>;
using actions = std::vector<action>;

}  // namespace sidecar::app::watch_steps
