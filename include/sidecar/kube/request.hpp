#pragma once

#include <chrono>
#include <optional>
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

  friend bool operator==(const pod_name&, const pod_name&) = default;
};

/// Which one a document is about.
pod_name name_of(const health::pod& pod);

/// "demo/game-0", as kubectl users write it in prose.
std::string to_string(const pod_name& pod);

/// The request head of a GET for `pod`, complete but for the Authorization field and the empty line. `authority` is the
/// Host field's value. No Accept-Encoding: an answer that is compressed nevertheless is an error.
std::string render_get(const pod_name& pod, std::string_view authority, std::string_view user_agent);

/// The same for a watch on `pod` alone, of all that comes after the version `from`, with bookmarks; an empty `from`
/// begins with the pod as it is, if there is one. The API server ends it after `at_most`. Where RBAC knows resource
/// names, the field selector counts as one (kubernetes/kubernetes apiserver/pkg/endpoints/request/requestinfo.go).
std::string render_watch(const pod_name& pod, std::string_view from, std::chrono::seconds at_most,
                         std::string_view authority, std::string_view user_agent);

/// It has a Content-Encoding but identity, which nobody asked for.
bool is_compressed(const api_answer& answer) noexcept;

/// The status alone says what the answer means, so that its body may be missing, cut, or framed by nothing but the
/// connection's end. False while it is not known (0), of a 200, and of a 404 and a 410, which must come with the API
/// server's own word for it: any proxy can say those.
bool is_known_by_status(const api_answer& answer) noexcept;

/// A 410 that brings the whole of its Status.
bool is_expiry(const api_answer& answer);

/// Why what is longer than `excess.limit` is not read, and the remedy. `what`: "the answer".
failure excess_failure(std::string_view what, const body_excess& excess);

/// What an answer means (README, "Answers"), decided on the status first: bodies of 429 and 503 are often plain text,
/// and end with their connection where HTTP/1.0 is spoken. What is cut is never a pod, nor the absence of one.
/// Foreign text ends up in the failure's detail only.
std::variant<health::pod_truth, failure> classify(const api_answer& answer, const pod_name& pod);

/// Why an answer that is neither a pod nor a watch is what it is; decided as `classify` does.
failure refusal_of(const api_answer& answer);

/// What an answer means that had not come to its end when the call's time was up; nothing if it is not known.
std::optional<failure> meaning_of_unfinished(const api_answer& answer);

/// Seconds of a Retry-After field, at most 5; nothing for an HTTP date or anything else that is not a plain number
/// (client-go ignores those as well: rest/with_retry.go).
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

}  // namespace sidecar::kube
