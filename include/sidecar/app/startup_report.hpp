#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/journal/log_line.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::app {

/// Facts that the configuration does not have: the addresses with assigned ports, and the target pod.
struct startup_facts {
  std::string listen;
  std::optional<std::string> agent{};      ///< empty: no agent port
  std::optional<std::string> status{};     ///< empty: no status port
  std::optional<kube::target_pod> target;  ///< empty: STATE_OVERRIDE decides
};

/// PURE. The first lines of the log: the listening addresses, the target and its rule, and warnings about the
/// configuration.
std::vector<journal::log_line> startup_report(const config::config& settings, const startup_facts& facts);

}  // namespace sidecar::app
