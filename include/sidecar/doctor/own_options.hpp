#pragma once

#include <variant>

#include "sidecar/config/load.hpp"
#include "sidecar/doctor/pod_spec.hpp"

namespace sidecar::doctor {

/// PURE. The options that the container `own` runs with: `given` (the doctor's own flags), else the container's args,
/// else its environment as the spec has it, else the doctor's own `variables`. `$(NAME)` is expanded. Or what is wrong
/// with them.
std::variant<config::config, config::configuration_errors> options_of(const container_spec& own,
                                                                      config::environment variables,
                                                                      const config::flags& given);

}  // namespace sidecar::doctor
