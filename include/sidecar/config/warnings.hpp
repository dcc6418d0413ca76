#pragma once

#include <string>
#include <vector>

#include "sidecar/config/config.hpp"

namespace sidecar::config {

/// What is valid, but costs more than one might expect: each says what, and what to write instead. Pure.
std::vector<std::string> warnings(const config& settings);

}  // namespace sidecar::config
