#include "sidecar/kube/request.hpp"

namespace sidecar::kube {
namespace {

std::string path_of_pods(const pod_name& pod) { return "/api/v1/namespaces/" + pod.namespace_name + "/pods"; }

}  // namespace

std::string get_target(const pod_name& pod) { return path_of_pods(pod) + '/' + pod.name; }

std::string list_target(const pod_name& pod) {
  return path_of_pods(pod) + "?fieldSelector=metadata.name%3D" + pod.name;
}

std::string watch_target(const pod_name& pod, std::string_view version, std::chrono::seconds length) {
  auto target = list_target(pod) +
                "&watch=true&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(length.count()) +
                "&resourceVersion=";
  return target.append(version);
}

std::string render_request(std::string_view target, std::string_view authority, std::string_view user_agent,
                           std::optional<std::string_view> token, std::string_view body) {
  std::string head{body.empty() ? "GET " : "POST "};
  head.append(target).append(" HTTP/1.1\r\nHost: ").append(authority);
  head.append("\r\nUser-Agent: ").append(user_agent).append("\r\nAccept: application/json\r\n");
  if (token) head.append("Authorization: Bearer ").append(*token).append("\r\n");
  if (!body.empty()) {
    head.append("Content-Type: application/json\r\nContent-Length: ");
    head.append(std::to_string(body.size())).append("\r\n");
  }
  return head.append("\r\n").append(body);
}

}  // namespace sidecar::kube
