#pragma once

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "sidecar/config/load.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::config {

inline std::string prefixed(std::string_view name) { return variable_name(name); }

/// What a pod's environment has at the least, and the given options as prefixed variables.
inline environment in_a_pod(const flags& options = {}) {
  environment out{{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
  for (const auto& [name, value] : options) out[prefixed(name)] = value;
  return out;
}

inline std::string joined(const configuration_errors& found) {
  std::string out;
  for (const std::string& one : found) out += one + '\n';
  return out;
}

inline configuration_errors errors_of(const environment& variables, const flags& given = {}) {
  const auto outcome = load(variables, given);
  const auto* found = std::get_if<configuration_errors>(&outcome);
  return found == nullptr ? configuration_errors{} : *found;
}

inline config config_of(const environment& variables, const flags& given = {}) {
  const auto outcome = load(variables, given);
  if (const auto* found = std::get_if<configuration_errors>(&outcome)) {
    ADD_FAILURE() << joined(*found);
    return {};
  }
  return std::get<config>(outcome);
}

}  // namespace sidecar::config
