#include "sidecar/kube/response_cache.hpp"

#include <utility>

#include "sidecar/kube/classify.hpp"

namespace sidecar::kube {
namespace {

/// More than most pods have. Longer bodies are mostly text that the parser skips.
constexpr std::size_t max_body = 32 * 1024;

}  // namespace

std::variant<health::pod_state, failure> response_cache::classify(api_response response) {
  const bool has_pod = response.status == 200 && response.is_whole() && !is_compressed(response);
  if (has_pod && !body_.empty() && response.body == body_) return state_;
  auto meaning = kube::classify(response, pod_);
  const auto* state = std::get_if<health::pod_state>(&meaning);
  if (!has_pod || state == nullptr || response.body.size() > max_body) return meaning;
  state_ = *state;
  body_ = std::move(response.body);
  return meaning;
}

}  // namespace sidecar::kube
