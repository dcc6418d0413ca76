#pragma once

#include <array>
#include <string_view>

#include "sidecar/health/verdict.hpp"

/// The names of the checks, in the order in which they are made. They are an interface: scripts match them in --json.
namespace sidecar::doctor::checks {

inline constexpr std::string_view token = "token";
inline constexpr std::string_view ca = "ca";
inline constexpr std::string_view target = "target";  ///< the pod's name and namespace, and TARGET_CONTAINER
inline constexpr std::string_view lookup = "lookup";
inline constexpr std::string_view tcp = "tcp";
inline constexpr std::string_view tls = "tls";
inline constexpr std::string_view clock = "clock";
inline constexpr std::string_view identity = "identity";
inline constexpr std::string_view permissions = "permissions";
inline constexpr std::string_view api = "api";    ///< what answers at the API server's address
inline constexpr std::string_view node = "node";  ///< the pod's node, with NODE_DRAIN and in node mode
inline constexpr std::string_view pod = "pod";
inline constexpr std::string_view container = "container";
inline constexpr std::string_view verdict = "verdict";
inline constexpr std::string_view spec = "spec";        ///< configuration errors in the pod's own spec
inline constexpr std::string_view sidecar = "sidecar";  ///< the running one
inline constexpr std::string_view skipped = "skipped";  ///< the checks that an earlier failure made impossible

/// A reason for which no request reaches the API server, and the checks that find its cause.
struct lead {
  health::reason reason;
  std::array<std::string_view, 3> checks;  ///< the unused ones are empty
};

/// Every Api... reason; docs/operations.md has the same table, and a test compares them.
inline constexpr std::array leads{
    lead{health::reason::api_unreachable, {lookup, tcp, tls}},
    lead{health::reason::api_untrusted, {tls, ca, {}}},
    lead{health::reason::api_timeout, {lookup, tcp, api}},
    lead{health::reason::api_unauthorized, {identity, token, {}}},
    lead{health::reason::api_forbidden, {permissions, identity, {}}},
    lead{health::reason::api_busy, {api, {}, {}}},
    lead{health::reason::api_error, {api, {}, {}}},
    lead{health::reason::api_protocol, {api, {}, {}}},
};

}  // namespace sidecar::doctor::checks
