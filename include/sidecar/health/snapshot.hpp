#pragma once

#include <string>
#include <variant>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/pod.hpp"

namespace sidecar::health {

/// The API server says that the pod does not exist.
struct absent_pod {
  std::string resource_version{};  ///< at which it was absent; empty where that is not known (a 404)
};

/// What the API server said of the pod.
using pod_state = std::variant<absent_pod, pod>;

/// A pod's state, and since when it is known to be so at least: the start of the request whose response said it, or of
/// a later one that found nothing newer.
struct snapshot {
  pod_state state;
  time_point observed;
};

}  // namespace sidecar::health
