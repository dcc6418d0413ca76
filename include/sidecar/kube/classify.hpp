#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/pod_name.hpp"
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

/// "2621440 bytes (2.5 MiB)"
std::string describe_size(std::uint64_t bytes);

/// For a body that is longer than `excess.limit`: the failure, with a hint. `what`: "the response".
failure excess_failure(std::string_view what, const body_excess& excess);

/// Why the response is not a usable 200; empty: it is one, whatever its body.
std::optional<failure> unusable(const api_response& response);

/// For a 404: why it does not say that the object is absent; empty: it does. Only a whole Status of that name and kind
/// ("pods") comes from the API server; any proxy can send a 404. `wanted`: for the failure's text.
std::optional<failure> not_absent(const api_response& response, std::string_view name, std::string_view kind,
                                  const std::string& wanted);

/// For the response to a GET. Bodies of 429 and 503 are often plain text, and with HTTP/1.0 end with the connection. An
/// incomplete body never means a pod, nor an absent one. Foreign text appears only in the failure's detail.
/// `maintenance_label` is the key of the one label that is read; empty: none.
outcome<health::pod_state> classify(const api_response& response, const pod_name& pod,
                                    std::string_view maintenance_label = {});

/// `classify` with a cache of the last response. For an unchanged pod the API server sends the same bytes, and
/// comparing them costs a hundredth of parsing them.
class response_cache {
 public:
  explicit response_cache(pod_name pod, std::string maintenance_label = {})
      : pod_(std::move(pod)), maintenance_label_(std::move(maintenance_label)) {}

  /// As the function `classify`, for this pod and label.
  outcome<health::pod_state> classify(api_response response);

 private:
  pod_name pod_;
  std::string maintenance_label_;
  std::string body_;  ///< that of the last 200 with a pod; empty: none
  health::pod_state state_;
};

/// A LIST of one name: a consistent read of that pod, or of its absence.
struct pod_list {
  health::pod_state pod;
  std::string resource_version;  ///< the list's, from which a WATCH can start, however old the pod's is
};

/// For the response to a LIST: a complete v1.PodList with a resourceVersion, without `continue`, with no item or only
/// `pod`. Any other 200 is api_protocol, for instance an item of another name.
outcome<pod_list> classify_list(const api_response& response, const pod_name& pod,
                                std::string_view maintenance_label = {});

/// For a response that is neither a pod nor a watch.
failure refusal_of(const api_response& response);

/// Seconds of a Retry-After field, at most 5; empty for an HTTP date or anything else that is no plain number
/// (client-go ignores these too: rest/with_retry.go).
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

}  // namespace sidecar::kube
