#pragma once

#include "sidecar/config/config.hpp"
#include "sidecar/config/load.hpp"

namespace sidecar::app {

/// Examines what the daemon depends on and prints a line for each finding, or JSON. Returns the exit code: 0, or 1 with
/// a failure. `settings` were loaded from `variables` and `flags`.
int doctor(const config::config& settings, const config::environment& variables, const config::flags& flags, bool json);

}  // namespace sidecar::app
