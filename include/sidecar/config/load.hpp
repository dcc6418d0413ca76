#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sidecar/config/config.hpp"

namespace sidecar::config {

inline constexpr std::string_view environment_prefix = "HTTP_HEALTHCHECK_SIDECAR_";

/// Variable name -> value, the whole process environment.
using environment = std::map<std::string, std::string, std::less<>>;

/// Option name as in the table ("STALE_GRACE") -> value as given on the command line.
using flags = std::map<std::string, std::string, std::less<>>;

/// One row of the option table; the README's table is compared with it by a test.
struct option {
  std::string_view name;           ///< "STALE_GRACE"; the flag is "--stale-grace"
  std::string_view default_value;  ///< as an operator would write it; empty: none
  std::string_view help;           ///< one line
};
std::span<const option> options() noexcept;

/// Each mistake names the option, the value given, and what to write instead.
using mistakes = std::vector<std::string>;

/// The one way to a config. Flags win over the environment; an empty variable counts as unset. Reads
/// KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT and HOSTNAME beside the prefixed names. An unknown prefixed name is
/// a mistake too: a typo must not silently become a default. Opens nothing.
std::variant<config, mistakes> load(const environment& variables, const flags& given);

/// RFC 1123 subdomain, at most 253 bytes: the alphabet of pod names.
bool is_dns1123_subdomain(std::string_view text) noexcept;

/// RFC 1123 label, at most 63 bytes: the alphabet of namespaces and containers.
bool is_dns1123_label(std::string_view text) noexcept;

}  // namespace sidecar::config
