#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>

#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/pod_list.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/response_parser.hpp"

/// PURE. What a response means; the status decides first (README, "Answers").
namespace sidecar::kube {

/// True for a Content-Encoding other than identity, which the client never accepts.
bool is_compressed(const api_response& response) noexcept;

/// True if the status alone decides, so that the body may be missing or incomplete. False for an unknown status (0),
/// for 200, and for 404 and 410, which need the API server's Status as body: any proxy can send these.
bool is_known_by_status(const api_response& response) noexcept;

/// True for a 410 with a complete Status.
bool is_expiry(const api_response& response);

/// For a body that is longer than `excess.limit`: the failure, with a hint. `what`: "the response".
failure excess_failure(std::string_view what, const body_excess& excess);

/// For the response to a GET. Bodies of 429 and 503 are often plain text, and with HTTP/1.0 end with the connection. An
/// incomplete body never means a pod, nor an absent one. Foreign text appears only in the failure's detail.
std::variant<health::pod_state, failure> classify(const api_response& response, const pod_name& pod);

/// The same for a LIST.
std::variant<pod_list, failure> classify_list(const api_response& response, const pod_name& pod);

/// For a response that is neither a pod nor a watch.
failure refusal_of(const api_response& response);

/// Seconds of a Retry-After field, at most 5; empty for an HTTP date or anything else that is no plain number
/// (client-go ignores these too: rest/with_retry.go).
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

}  // namespace sidecar::kube
