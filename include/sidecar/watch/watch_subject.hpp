#pragma once

#include <boost/asio/awaitable.hpp>

#include "sidecar/base/clock.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/watch_event.hpp"
#include "sidecar/watch/steps.hpp"

namespace sidecar::watch {

/// What a watch loop keeps current: the state of one pod, the workloads of a node, or a node itself. It knows what LIST
/// and WATCH have brought and which of two states is newer, and hands it to those who answer when the machine says so.
class watch_subject {
 public:
  virtual ~watch_subject() = default;

  /// LISTs once, and learns what that found. `is_watch_outdated` is left to the caller. Never throws.
  virtual boost::asio::awaitable<steps::listed> list() = 0;

  /// Learns a change or a deletion. A failure: the watch must not be used any more.
  virtual kube::outcome<steps::delivered> learn(const kube::watch_event& event, time_point now) = 0;

  virtual void publish() = 0;
  virtual void publish_if_worse() = 0;
  virtual void mark_stale(const steps::mark_stale& given) = 0;
  virtual void serve(steps::source origin) = 0;
};

}  // namespace sidecar::watch
