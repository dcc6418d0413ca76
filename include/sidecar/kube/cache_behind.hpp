#pragma once

#include "sidecar/kube/response_parser.hpp"

namespace sidecar::kube {

/// PURE. True for a 504 by which the API server says that its cache has not reached the requested resourceVersion: a
/// Status with a cause ResourceVersionTooLarge (client-go's reflector lists without a version then, too).
bool is_cache_behind(const api_response& response);

}  // namespace sidecar::kube
