#include "sidecar/app/kubelet_warning.hpp"

#include <utility>

#include "sidecar/base/log.hpp"

namespace sidecar::app {

void kubelet_warning::note() {
  if (std::exchange(has_warned_, true)) return;
  log::warn(
      "a kubelet probe uses a health path: a liveness probe there restarts the container when the pod is not ready, a "
      "readiness probe of a target container keeps the pod unready forever; point the probe at /livez");
}

}  // namespace sidecar::app
