#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/health/snapshot.hpp"

namespace sidecar::app {

/// The containers that queries' paths have named, for the log: each change of one that the pod has is worth a line, of
/// any other name only that it was asked for, and only of a few, since a client could invent any number of them. Pure.
class path_containers {
 public:
  /// As the pod spells it, if `asked` is named for the first time; nothing while there is no pod.
  std::optional<std::string> note(const health::pod_state& pod, std::string_view asked);

  /// It would be nothing.
  bool is_known(const health::pod_state& pod, std::string_view asked) const;

  /// Those that the pod has.
  const std::vector<std::string>& known() const noexcept { return known_; }

 private:
  std::vector<std::string> known_;
  std::vector<std::string> unknown_;
};

}  // namespace sidecar::app
