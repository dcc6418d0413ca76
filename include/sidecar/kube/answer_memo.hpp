#pragma once

#include <string>
#include <utility>
#include <variant>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/kube/answer_reader.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/request.hpp"

namespace sidecar::kube {

/// `classify` for one pod that is asked for again and again. The API server tells of a pod that has not changed in the
/// same bytes, and comparing them costs a hundredth of reading them. Pure but for what it remembers: the last 200 that
/// told of the pod.
class answer_memo {
 public:
  explicit answer_memo(pod_name pod) : pod_(std::move(pod)) {}

  /// As `classify(answer, pod)`.
  std::variant<health::pod_truth, failure> classify(api_answer answer);

 private:
  pod_name pod_;
  std::string body_;  // empty: none
  health::pod_truth truth_;
};

}  // namespace sidecar::kube
