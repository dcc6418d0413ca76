#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::config {

/// Variable name -> value, the whole process environment.
using environment = std::map<std::string, std::string, std::less<>>;

/// Option name as in the table ("STALE_GRACE") -> value as given on the command line.
using flags = std::map<std::string, std::string, std::less<>>;

/// Each mistake names the option, the value given, and what to write instead.
using mistakes = std::vector<std::string>;

/// The one way to a config. Flags win over the environment; an empty variable counts as unset, and an empty flag asks
/// for the default whatever the variable says. Reads KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and HOSTNAME
/// beside the prefixed names. An unknown prefixed name is a mistake too, as a typo must not silently become a default;
/// not so the variables that Kubernetes itself sets for Services whose names start like ours. Opens nothing.
std::variant<config, mistakes> load(const environment& variables, const flags& given);

/// RFC 1123 subdomain, at most 253 bytes: what Kubernetes takes as a pod's name (no limit on a single label there).
bool is_dns1123_subdomain(std::string_view text) noexcept;

/// RFC 1123 label, at most 63 bytes: what Kubernetes takes as the name of a namespace or a container.
bool is_dns1123_label(std::string_view text) noexcept;

}  // namespace sidecar::config
