#pragma once

#include <string>

namespace sidecar::test {

/// A random (version 4) UUID in lower case; cheap enough for every answer, and no secret.
std::string make_uuid();

}  // namespace sidecar::test
