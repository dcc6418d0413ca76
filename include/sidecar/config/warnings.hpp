#pragma once

#include <string>
#include <vector>

#include "sidecar/config/config.hpp"

namespace sidecar::config {

/// PURE. Warnings about valid settings with a surprising cost: each is a fact, its consequence and a hint.
std::vector<std::string> warnings(const config& settings);

}  // namespace sidecar::config
