#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sidecar/health/evaluate.hpp"

namespace sidecar::health {

inline target asked(std::string container, std::string bound_uid = {}) {
  return {.containers = {std::move(container)}, .bound_uid = std::move(bound_uid)};
}

inline target asked_for_all(std::vector<std::string> containers) { return {.containers = std::move(containers)}; }

inline target asked_for_the_pod() { return {.require = requirement::pod}; }

}  // namespace sidecar::health
