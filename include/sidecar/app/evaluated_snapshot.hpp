#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/snapshot.hpp"

namespace sidecar::app {

/// A snapshot with its verdict on the configured target: evaluated once, however many queries it answers.
struct evaluated_snapshot {
  health::snapshot snapshot;
  health::target target;       ///< the target it was evaluated for, with the bound uid of that time
  health::verdict configured;  ///< the verdict on that target

  /// The verdict on the container that a path names; if empty, on the configured target.
  health::verdict verdict(std::string_view container) const {
    if (container.empty()) return configured;
    return health::evaluate_container(snapshot.state, container, target.bound_uid);
  }
};
using snapshot_ptr = std::shared_ptr<const evaluated_snapshot>;

inline snapshot_ptr evaluate(health::snapshot taken, health::target wanted) {
  const auto configured = health::evaluate(taken.state, wanted);
  return std::make_shared<const evaluated_snapshot>(
      evaluated_snapshot{std::move(taken), std::move(wanted), configured});
}

}  // namespace sidecar::app
