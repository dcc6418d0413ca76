#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sidecar/config/config.hpp"

namespace sidecar::config {

/// Variable name -> value, the whole process environment.
using environment = std::map<std::string, std::string, std::less<>>;

/// Option name as in the table ("STALE_GRACE") -> value as given on the command line.
using flags = std::map<std::string, std::string, std::less<>>;

/// Each names the option and the value given, with a hint what to write instead.
using configuration_errors = std::vector<std::string>;

/// PURE. Flags win over the environment; an empty variable counts as unset, and an empty flag sets the default even if
/// the variable has a value. Reads KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and HOSTNAME beside the prefixed
/// names. An unknown prefixed name is an error, because a typo must not silently become a default, except the variables
/// that Kubernetes sets for a Service whose name starts with ours (service_link.hpp).
std::variant<config, configuration_errors> load(const environment& variables, const flags& given);

}  // namespace sidecar::config
