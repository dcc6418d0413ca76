#pragma once

namespace sidecar::app {

/// Warns once of a kubelet probe on a health path: it restarts the container, or keeps the pod unready.
class kubelet_warning {
 public:
  void note();

 private:
  bool has_warned_ = false;
};

}  // namespace sidecar::app
