#pragma once

#include <chrono>
#include <optional>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/node.hpp"
#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/resource_version.hpp"

namespace sidecar::watch {

/// PURE. The newest state of one object, a pod or a node, from LIST and WATCH, and when a LIST last confirmed it.
/// `Snapshot`: health::snapshot or health::node_snapshot.
///
/// The resourceVersion decides which of two states is newer, never the order of arrival. Exception: a LIST that started
/// after the last event arrived is always newer (after a restore of etcd from a backup, versions restart lower).
template <class Snapshot>
class known_object {
 public:
  using state = decltype(Snapshot::state);

  /// The order of an arrived state relative to the known one. Newer: it has replaced the known state. Unknown: ignored
  /// until a LIST decides.
  using order = kube::version_order;

  /// Takes the result of a LIST that started at `listed.observed`; the first is the known state. Unless the order is
  /// unknown, it confirms the known state as of then: even a LIST older than an event shows that no earlier event was
  /// missed.
  order list(const Snapshot& listed);

  /// Takes the result of the same LIST once more, after a while in which events have arrived; `first` is what `list`
  /// said of it. Same in place of newer: an event has brought that state meanwhile.
  order list_again(const Snapshot& listed, order first);

  /// Takes an event of the watch. It may change the state, but confirms nothing: an event may arrive with any delay.
  order deliver(const state& arrived, time_point now);

  /// The known state, dated at the last LIST that confirmed it; the state may be newer.
  const Snapshot& snapshot() const noexcept { return *known_; }
  time_point confirmed() const noexcept { return known_->observed; }
  /// The state that came last of those that could not be ordered.
  const state& unordered() const noexcept { return other_; }

 private:
  order take(const Snapshot& listed);

  std::optional<Snapshot> known_;  ///< empty before the first LIST; snapshot() and confirmed() need one
  state other_;
  bool has_caught_up_ = false;           ///< an event has brought the known state since the last LIST
  std::optional<time_point> changed_;    ///< when the last event arrived that changed the state
  std::optional<time_point> unordered_;  ///< when the last event arrived that could not be ordered
};

using known_pod = known_object<health::snapshot>;
using known_node_object = known_object<health::node_snapshot>;
extern template class known_object<health::snapshot>;
extern template class known_object<health::node_snapshot>;

}  // namespace sidecar::watch
