#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/pod.hpp"

namespace sidecar::health {

/// The API server says that the pod does not exist.
struct absent_pod {
  std::string resource_version{};  ///< of the list in which it was absent; empty if unknown (a 404)
};

/// The pod as the API server last described it.
using pod_state = std::variant<absent_pod, pod>;

/// The name of its node; empty for a pod that is absent or not scheduled yet.
inline std::string_view node_of(const pod_state& state) noexcept {
  const auto* subject = std::get_if<pod>(&state);
  return subject == nullptr ? std::string_view{} : subject->node_name;
}

/// A pod's state and the latest time at which it is known to have been current: the start of the request whose response
/// had it, or of a later request that found nothing newer.
struct snapshot {
  pod_state state;
  time_point observed;
};

}  // namespace sidecar::health
