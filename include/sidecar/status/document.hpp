#pragma once

#include <string>

#include "sidecar/status/facts.hpp"

namespace sidecar::status {

/// PURE. The answer to /status, which the page shows: JSON. A member whose value is unknown is null.
std::string render_document(const facts& known);

}  // namespace sidecar::status
