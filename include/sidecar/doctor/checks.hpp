#pragma once

#include <string_view>

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

}  // namespace sidecar::doctor::checks
