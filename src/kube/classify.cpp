#include "sidecar/kube/classify.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sidecar/base/ascii.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/error_text.hpp"
#include "sidecar/kube/list_head.hpp"

namespace sidecar::kube {
namespace {

using health::reason;

constexpr std::chrono::seconds max_back_off{5};

/// Of a body in the response cache: more than most pods have. Longer bodies are mostly text that the parser skips.
constexpr std::size_t max_body = 32 * 1024;

/// "HTTP 403: pods "game-0" is forbidden: ...". Below 400 the body is left out: it may be a pod, which does not belong
/// in the log.
std::string describe(const api_response& response) {
  constexpr unsigned min_error = 400;
  auto text = "HTTP " + std::to_string(response.status);
  if (response.status < min_error || is_compressed(response)) return text;
  if (const auto words = error_text(response.body); !words.empty()) text.append(": ").append(words);
  return text;
}

outcome<health::pod_state> read_pod(const api_response& response, const pod_name& wanted,
                                    std::string_view maintenance_label) {
  auto pod = health::parse_pod(response.body, maintenance_label);
  if (!pod) return protocol_failure("the response is no pod: " + pod.error().message());
  if (name_of(*pod) != wanted) {
    return protocol_failure("requested " + to_string(wanted) + ", got " + to_string(name_of(*pod)));
  }
  return health::pod_state{std::move(*pod)};
}

outcome<pod_list> read_pod_list(std::string_view json, const pod_name& wanted, std::string_view maintenance_label) {
  const auto list = health::read_pod_tree(json, maintenance_label);
  auto head = read_list_head(list);
  if (!head) return head.error();
  auto& [version, next] = *head;
  if (!next.empty()) return protocol_failure("an incomplete list of pods");
  const auto unreadable = [](boost::system::error_code why) {
    return protocol_failure("the list has no readable pod: " + why.message());
  };
  const auto items = read_items(*list);
  if (!items) return unreadable(items.error());
  if (items->empty()) return pod_list{health::absent_pod{version}, version};
  if (items->size() > 1) return unreadable(errc::list_too_long);
  auto pod = health::read_pod(items->front(), health::kind_rule::optional, maintenance_label);
  if (!pod) return unreadable(pod.error());
  if (name_of(*pod) != wanted) {
    return protocol_failure("listed " + to_string(wanted) + ", got " + to_string(name_of(*pod)));
  }
  return pod_list{std::move(*pod), std::move(version)};
}

reason reason_of(unsigned status) {
  if (status == 401) return reason::api_unauthorized;
  if (status == 403) return reason::api_forbidden;
  if (status == 429) return reason::api_busy;
  if (status >= 500 && status <= 599) return reason::api_error;
  return reason::api_protocol;
}

}  // namespace

bool is_compressed(const api_response& response) noexcept {
  for (std::string_view rest = response.content_encoding; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto coding = trim(rest.substr(0, end));
    if (!coding.empty() && !equal_ignoring_case(coding, "identity")) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

bool is_known_by_status(const api_response& response) noexcept {
  const bool is_final = response.status / 100 > 1;
  return is_final && response.status != 200 && response.status != 404 && response.status != 410;
}

bool is_expiry(const api_response& response) {
  return response.status == 410 && response.is_whole() && parse_status(response.body).has_value();
}

std::string describe_size(std::uint64_t bytes) {
  constexpr std::uint64_t tenth = 1024 * 1024 / 10;
  const auto tenths = bytes / tenth;
  return std::to_string(bytes) + " bytes (" + std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " MiB)";
}

failure excess_failure(std::string_view what, const body_excess& excess) {
  return protocol_failure(std::string{what} + " has " + (excess.is_all ? "" : "more than ") +
                          describe_size(excess.bytes) + ", and a pod's JSON is read up to " +
                          describe_size(excess.limit) +
                          ": shorten the pod's annotations, or clear its managedFields (kubectl patch pod NAME "
                          "--type=merge -p '{\"metadata\":{\"managedFields\":[{}]}}')");
}

std::optional<failure> unusable(const api_response& response) {
  if (response.status != 200) return refusal_of(response);
  if (is_compressed(response)) return protocol_failure("the response is compressed, which was not requested");
  if (response.excess) return excess_failure("the response", *response.excess);
  if (response.is_cut) return protocol_failure("the response is cut short");
  return std::nullopt;
}

std::optional<failure> not_absent(const api_response& response, std::string_view name, std::string_view kind,
                                  const std::string& wanted) {
  if (!response.is_whole()) return protocol_failure("HTTP 404 whose body is cut short");
  const auto status = parse_status(response.body);
  const bool is_said = status && status->reason == "NotFound" && status->details_name == name;
  if (is_said && status->details_kind == kind) return std::nullopt;
  return protocol_failure(describe(response) + " (not a Status about " + wanted + ')');
}

outcome<health::pod_state> classify(const api_response& response, const pod_name& pod,
                                    std::string_view maintenance_label) {
  if (response.status == 404) {
    if (auto problem = not_absent(response, pod.name, "pods", to_string(pod))) return std::move(*problem);
    return health::pod_state{health::absent_pod{}};
  }
  if (auto refused = unusable(response)) return std::move(*refused);
  return read_pod(response, pod, maintenance_label);
}

outcome<health::pod_state> response_cache::classify(api_response response) {
  const bool has_pod = response.status == 200 && response.is_whole() && !is_compressed(response);
  if (has_pod && !body_.empty() && response.body == body_) return state_;
  auto meaning = kube::classify(response, pod_, maintenance_label_);
  if (!has_pod || !meaning || response.body.size() > max_body) return meaning;
  state_ = *meaning;
  body_ = std::move(response.body);
  return meaning;
}

outcome<pod_list> classify_list(const api_response& response, const pod_name& pod, std::string_view maintenance_label) {
  if (auto refused = unusable(response)) return std::move(*refused);
  return read_pod_list(response.body, pod, maintenance_label);
}

failure refusal_of(const api_response& response) {
  return {reason_of(response.status), describe(response), parse_retry_after(response.retry_after)};
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  unsigned seconds = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (parsed.ec == std::errc::result_out_of_range) return max_back_off;
  return std::min(std::chrono::seconds{seconds}, max_back_off);
}

}  // namespace sidecar::kube
