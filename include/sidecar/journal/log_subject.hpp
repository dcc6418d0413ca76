#pragma once

#include <string>

#include "sidecar/base/log.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::journal {

/// What the log's lines are about.
struct log_subject {
  config::run_mode mode = config::run_mode::sidecar;
  std::string name{};    ///< "demo/game-0", or the node's
  std::string origin{};  ///< where a pod's name comes from

  log::field field() const { return {mode == config::run_mode::node ? "node" : "pod", name}; }
};

/// `target`: of a sidecar the pod that it answers for.
inline log_subject subject_of(const config::config& settings, const kube::target_pod& target) {
  if (settings.mode == config::run_mode::node) return {settings.mode, settings.node_name};
  return {settings.mode, to_string(target.pod), target.origin};
}

}  // namespace sidecar::journal
