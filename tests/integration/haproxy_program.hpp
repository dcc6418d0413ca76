#pragma once

#include <cstdlib>
#include <string>

namespace sidecar::test {

/// The HAProxy that was found when this was configured, or the one that the environment's HAPROXY names.
inline std::string haproxy_program() {
  const char* other = std::getenv("HAPROXY");
  return other != nullptr ? other : HAPROXY;
}

}  // namespace sidecar::test
