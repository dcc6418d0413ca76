#pragma once

#include <string_view>

namespace sidecar::health {

/// The keys of the labels that are read of a pod; an empty key: that label is not read. The texts outlive the
/// call.
struct labels_read {
  // NOLINTNEXTLINE(google-explicit-constructor): a parameter's type
  constexpr labels_read(std::string_view maintenance_key = {}, std::string_view workload_key = {})
      : maintenance(maintenance_key), workload(workload_key) {}

  constexpr bool empty() const noexcept { return maintenance.empty() && workload.empty(); }

  std::string_view maintenance;
  std::string_view workload;
};

}  // namespace sidecar::health
