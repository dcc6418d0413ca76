#include "sidecar/kube/request.hpp"

#include <algorithm>
#include <boost/beast/http/rfc7230.hpp>
#include <charconv>

#include "sidecar/base/ascii.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/error_text.hpp"
#include "sidecar/kube/parse_status.hpp"

namespace sidecar::kube {
namespace {

using health::reason;

constexpr std::chrono::seconds longest_back_off{5};

/// "HTTP 403: pods "game-0" is forbidden: ..." as far as the answer says so; of what is no error the body may be a
/// pod's and is no business of the log's.
std::string describe(const api_answer& answer) {
  constexpr unsigned least_error = 400;
  auto text = "HTTP " + std::to_string(answer.status);
  if (answer.status < least_error || is_compressed(answer)) return text;
  if (const auto words = error_text(answer.body); !words.empty()) text.append(": ").append(words);
  return text;
}

/// "2621440 bytes (2.5 MiB)"
std::string describe_size(std::uint64_t bytes) {
  constexpr std::uint64_t tenth = 1024 * 1024 / 10;
  const auto tenths = bytes / tenth;
  return std::to_string(bytes) + " bytes (" + std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " MiB)";
}

std::variant<health::pod_truth, failure> read_pod(const api_answer& answer, const pod_name& wanted) {
  auto pod = health::parse_pod(answer.body);
  if (!pod) return protocol_failure("the answer is no pod: " + pod.error().message());
  const auto told = name_of(*pod);
  if (told != wanted) return protocol_failure("asked for " + to_string(wanted) + ", got " + to_string(told));
  return health::pod_truth{std::move(*pod)};
}

/// Only a Status that names our pod is the API server's word; any proxy can say 404.
std::variant<health::pod_truth, failure> read_not_found(const api_answer& answer, const pod_name& wanted) {
  if (!answer.is_whole()) return protocol_failure("HTTP 404 whose body is cut short");
  const auto status = parse_status(answer.body);
  if (status && status->reason == "NotFound" && status->details_name == wanted.name && status->details_kind == "pods") {
    return health::pod_truth{health::no_pod{}};
  }
  return protocol_failure(describe(answer) + " (which does not speak of " + to_string(wanted) + ')');
}

reason reason_of(unsigned status) {
  if (status == 401) return reason::api_unauthorized;
  if (status == 403) return reason::api_forbidden;
  if (status == 429) return reason::api_busy;
  if (status >= 500 && status <= 599) return reason::api_error;
  return reason::api_protocol;
}

std::string path_of_pods(const pod_name& pod) { return "/api/v1/namespaces/" + pod.namespace_name + "/pods"; }

std::string render(std::string_view target, std::string_view authority, std::string_view user_agent) {
  std::string head{"GET "};
  head.append(target).append(" HTTP/1.1\r\nHost: ").append(authority);
  head.append("\r\nUser-Agent: ").append(user_agent).append("\r\nAccept: application/json\r\n");
  return head;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

pod_name name_of(const health::pod& pod) { return {pod.namespace_name, pod.name}; }

std::string to_string(const pod_name& pod) { return pod.namespace_name + '/' + pod.name; }

std::string render_get(const pod_name& pod, std::string_view authority, std::string_view user_agent) {
  return render(path_of_pods(pod) + '/' + pod.name, authority, user_agent);
}

std::string render_watch(const pod_name& pod, std::string_view from, std::chrono::seconds at_most,
                         std::string_view authority, std::string_view user_agent) {
  auto target = path_of_pods(pod) + "?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3D" + pod.name +
                "&timeoutSeconds=" + std::to_string(at_most.count());
  if (!from.empty()) target.append("&resourceVersion=").append(from);
  return render(target, authority, user_agent);
}

bool is_compressed(const api_answer& answer) noexcept {
  const boost::beast::http::token_list codings{answer.content_encoding};
  return std::any_of(codings.begin(), codings.end(),
                     [](std::string_view coding) { return !equal_ignoring_case(coding, "identity"); });
}

bool is_known_by_status(const api_answer& answer) noexcept {
  const bool is_final = answer.status / 100 > 1;
  return is_final && answer.status != 200 && answer.status != 404 && answer.status != 410;
}

bool is_expiry(const api_answer& answer) {
  return answer.status == 410 && answer.is_whole() && parse_status(answer.body).has_value();
}

failure excess_failure(std::string_view what, const body_excess& excess) {
  return protocol_failure(std::string{what} + " has " + (excess.is_all ? "" : "more than ") +
                          describe_size(excess.bytes) + ", and a pod's JSON is read up to " +
                          describe_size(excess.limit) +
                          ": shorten the pod's annotations, or clear its managedFields (kubectl patch pod NAME "
                          "--type=merge -p '{\"metadata\":{\"managedFields\":[{}]}}')");
}

std::variant<health::pod_truth, failure> classify(const api_answer& answer, const pod_name& pod) {
  if (answer.status == 404) return read_not_found(answer, pod);
  if (answer.status != 200) return refusal_of(answer);
  if (is_compressed(answer)) return protocol_failure("the answer is compressed, which nobody asked for");
  if (answer.excess) return excess_failure("the answer", *answer.excess);
  if (answer.is_cut) return protocol_failure("the answer is cut short");
  return read_pod(answer, pod);
}

failure refusal_of(const api_answer& answer) {
  return {reason_of(answer.status), describe(answer), parse_retry_after(answer.retry_after)};
}

std::optional<failure> meaning_of_unfinished(const api_answer& answer) {
  if (answer.excess) return excess_failure("the answer", *answer.excess);
  if (is_known_by_status(answer)) return refusal_of(answer);
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  unsigned seconds = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (parsed.ec == std::errc::result_out_of_range) return longest_back_off;
  return std::min(std::chrono::seconds{seconds}, longest_back_off);
}

}  // namespace sidecar::kube
