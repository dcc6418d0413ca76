#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/snapshot.hpp"

namespace sidecar::app {

/// A snapshot with its verdict on the configured target: evaluated once, however many queries it answers.
struct evaluated_snapshot {
  health::snapshot of;
  health::target target;       ///< what it was evaluated for; the uid that our own pod had to have then is in it
  health::verdict configured;  ///< on that target

  /// On the container that a path names, or on the configured target where `container` is empty.
  health::verdict verdict(std::string_view container) const {
    if (container.empty()) return configured;
    return health::evaluate_container(of.state, container, target.bound_uid);
  }
};
using snapshot_ptr = std::shared_ptr<const evaluated_snapshot>;

inline snapshot_ptr evaluate(health::snapshot taken, health::target wanted) {
  const auto configured = health::evaluate(taken.state, wanted);
  return std::make_shared<const evaluated_snapshot>(
      evaluated_snapshot{std::move(taken), std::move(wanted), configured});
}

}  // namespace sidecar::app
