#pragma once

#include <string>
#include <utility>
#include <variant>

#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/response_parser.hpp"

namespace sidecar::kube {

/// `classify` with a cache of the last response. For an unchanged pod the API server sends the same bytes, and
/// comparing them costs a hundredth of parsing them.
class response_cache {
 public:
  explicit response_cache(pod_name pod) : pod_(std::move(pod)) {}

  /// As `classify(response, pod)`.
  std::variant<health::pod_state, failure> classify(api_response response);

 private:
  pod_name pod_;
  std::string body_;  ///< that of the last 200 with a pod; empty: none
  health::pod_state state_;
};

}  // namespace sidecar::kube
