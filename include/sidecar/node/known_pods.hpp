#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/workload.hpp"
#include "sidecar/kube/node_pods.hpp"
#include "sidecar/kube/resource_version.hpp"

namespace sidecar::node {

/// PURE. The newest state of a node's pods from LIST and WATCH, and when a LIST last confirmed it: as
/// watch::known_object, for many pods.
///
/// A pod's resourceVersion decides which of two states of it is newer, and the list's whether an event came before it
/// or after. A LIST that began after the last event arrived is newer whatever the numbers say.
class known_pods {
 public:
  using order = kube::version_order;

  /// Takes a LIST. Newer: it has found a change that the watch has not delivered yet. Unknown: nothing of it is used.
  order list(kube::node_pods listed);

  struct delivery {
    order relation;     ///< of the arrived state, relative to what is known of that pod
    bool is_caught_up;  ///< every change that the last LIST found has been delivered
  };
  /// Takes an event: a pod's new state, or that it is gone. Empty: more than `max_workload_pods`, and not taken.
  std::optional<delivery> deliver(health::workload_pod arrived, bool is_gone, time_point now);

  /// The pods of a workload; empty if there is none.
  std::span<const health::workload_pod> workload(std::string_view namespace_name, std::string_view name) const noexcept;
  /// All pods, those of a workload side by side.
  std::span<const health::workload_pod> pods() const noexcept { return pods_; }
  /// Empty before the first LIST.
  std::optional<time_point> confirmed() const noexcept { return confirmed_; }

 private:
  /// A pod and a version of it; empty: its deletion, of which no version is known.
  struct change {
    std::string namespace_name;
    std::string name;
    std::string version;
  };
  using changes = std::vector<change>;
  /// The events that have changed something.
  struct events_applied {
    std::string newest{};                      ///< the version of the newest
    std::optional<time_point> last_arrived{};  ///< when the last one did
    changes deleted{};                         ///< at most `max_workload_pods`
  };

  bool covers_all_events(const kube::node_pods& listed) const;
  order replace(kube::node_pods listed);
  order merge_older(kube::node_pods listed);
  bool was_deleted_since(const health::workload_pod& listed) const;
  /// Of what arrived, relative to what is known of that pod; null: nothing.
  order order_of(const health::workload_pod& arrived, bool is_gone, const health::workload_pod* known) const;
  void note_delivery(const health::workload_pod& arrived, bool is_gone);
  /// Of a pod that `pods_` does not have, or no longer.
  void apply(health::workload_pod arrived, bool is_gone, time_point now);
  void insert(health::workload_pod one);

  std::vector<health::workload_pod> pods_;  ///< sorted by namespace, workload, name
  std::optional<time_point> confirmed_;
  std::string version_;                  ///< the last LIST's
  events_applied since_list_;            ///< since the last LIST that replaced all that was known
  std::optional<time_point> unordered_;  ///< when the last event arrived that could not be ordered
  changes awaited_;                      ///< what the last LIST found and the watch has not delivered
};

}  // namespace sidecar::node
