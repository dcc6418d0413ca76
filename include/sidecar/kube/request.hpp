#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/kube/answer_reader.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::kube {

/// Which pod is asked for; both parts are DNS-1123 names, so that nothing needs encoding.
struct pod_name {
  std::string namespace_name;
  std::string name;
};

/// "demo/game-0", as kubectl users write it in prose.
std::string to_string(const pod_name& pod);

/// The request head of a GET for `pod`, complete but for the Authorization field and the empty line. `authority` is the
/// Host field's value. No Accept-Encoding: an answer that is compressed nevertheless is an error.
std::string render_get(const pod_name& pod, std::string_view authority, std::string_view user_agent);

/// What an answer means (README, "Answers"), decided on the status first: bodies of 429 and 503 are often plain text.
/// Foreign text ends up in the failure's detail only.
std::variant<health::pod_truth, failure> classify(const api_answer& answer, const pod_name& pod);

/// Seconds of a Retry-After field, at most 5; nothing for an HTTP date or anything else that is not a plain number
/// (client-go ignores those as well: rest/with_retry.go).
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

}  // namespace sidecar::kube
