#pragma once

#include <utility>

#include "sidecar/base/log.hpp"

namespace sidecar::app {

/// Warns once of a kubelet probe on a health path: it restarts the container, or keeps the pod unready.
class kubelet_warning {
 public:
  void note() {
    if (std::exchange(has_warned_, true)) return;
    log::warn(
        "a kubelet probe uses a health path: a liveness probe there restarts the container when the pod is not ready, "
        "a readiness probe of a target container keeps the pod unready forever; point the probe at /livez");
  }

 private:
  bool has_warned_ = false;
};

}  // namespace sidecar::app
