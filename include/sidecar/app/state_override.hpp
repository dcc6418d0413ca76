#pragma once

#include <optional>

#include "sidecar/config/config.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::app {

/// Row 2 of the verdict table: nothing when STATE_OVERRIDE is not set; "true" in any case is healthy, all else is not.
std::optional<health::verdict> override_of(const config::config& settings);

/// The status that every answer has with STATE_OVERRIDE set.
unsigned overridden_status(const config::config& settings);

}  // namespace sidecar::app
