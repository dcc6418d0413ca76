#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/health/snapshot.hpp"

namespace sidecar::app {

/// PURE. The containers named in queries' paths, for the log: changes of the pod's containers are logged, any other
/// name once, and at most 16 of each, since clients can invent any number.
class path_containers {
 public:
  /// The name as the pod spells it, if `queried` is new; empty if it is not, or without a pod.
  std::optional<std::string> note(const health::pod_state& pod, std::string_view queried);

  /// True if `note` would return nothing.
  bool is_known(const health::pod_state& pod, std::string_view queried) const;

  /// The names that the pod has.
  const std::vector<std::string>& known() const noexcept { return known_; }

 private:
  std::vector<std::string> known_;
  std::vector<std::string> unknown_;
};

}  // namespace sidecar::app
