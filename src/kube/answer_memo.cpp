#include "sidecar/kube/answer_memo.hpp"

#include <utility>

namespace sidecar::kube {
namespace {

/// More than most pods have. What is longer is mostly text that reading skips at the speed of memory.
constexpr std::size_t longest_body = 32 * 1024;

}  // namespace

std::variant<health::pod_truth, failure> answer_memo::classify(api_answer answer) {
  const bool tells_of_pod = answer.status == 200 && answer.is_whole() && !is_compressed(answer);
  if (tells_of_pod && !body_.empty() && answer.body == body_) return truth_;
  auto meaning = kube::classify(answer, pod_);
  const auto* truth = std::get_if<health::pod_truth>(&meaning);
  if (!tells_of_pod || truth == nullptr || answer.body.size() > longest_body) return meaning;
  body_.clear();  // until there is memory for both
  truth_ = *truth;
  body_ = std::move(answer.body);
  return meaning;
}

}  // namespace sidecar::kube
