#pragma once

#include <optional>

#include "sidecar/config/config.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::app {

/// Row 2 of the verdict table: empty without STATE_OVERRIDE; "true" in any case is healthy, every other value is not.
std::optional<health::verdict> override_of(const config::config& settings);

/// The status of every answer with STATE_OVERRIDE.
unsigned overridden_status(const config::config& settings);

}  // namespace sidecar::app
