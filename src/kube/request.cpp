#include "sidecar/kube/request.hpp"

#include <algorithm>
#include <charconv>

#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/parse_status.hpp"

namespace sidecar::kube {
namespace {

using health::reason;

constexpr std::chrono::seconds longest_back_off{5};

/// "403 Forbidden: pods "game-0" is forbidden: ..." as far as the answer says so.
std::string describe(const api_answer& answer) {
  auto text = "HTTP " + std::to_string(answer.status);
  if (const auto status = parse_status(answer.body); status && !status->message.empty()) {
    text += ": " + status->message;
  }
  return text;
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
  const auto status = parse_status(answer.body);
  if (status && status->reason == "NotFound" && status->details_name == wanted.name && status->details_kind == "pods") {
    return health::pod_truth{health::no_pod{}};
  }
  return protocol_failure("HTTP 404 that does not speak of " + to_string(wanted));
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
  return !answer.content_encoding.empty() && answer.content_encoding != "identity";
}

std::variant<health::pod_truth, failure> classify(const api_answer& answer, const pod_name& pod) {
  if (answer.status == 200 && is_compressed(answer)) {
    return protocol_failure("the answer is compressed, which nobody asked for");
  }
  if (answer.status == 200) return read_pod(answer, pod);
  if (answer.status == 404) return read_not_found(answer, pod);
  return refusal_of(answer);
}

failure refusal_of(const api_answer& answer) {
  return {reason_of(answer.status), describe(answer), parse_retry_after(answer.retry_after)};
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value) {
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  unsigned seconds = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (parsed.ec == std::errc::result_out_of_range) return longest_back_off;
  return std::min(std::chrono::seconds{seconds}, longest_back_off);
}

}  // namespace sidecar::kube
