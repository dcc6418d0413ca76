#include "sidecar/kube/request.hpp"

namespace sidecar::kube {
namespace {

std::string path_of_pods(const pod_name& pod) { return "/api/v1/namespaces/" + pod.namespace_name + "/pods"; }

std::string path_of_list(const pod_name& pod) {
  return path_of_pods(pod) + "?fieldSelector=metadata.name%3D" + pod.name;
}

std::string render(std::string_view target, std::string_view authority, std::string_view user_agent) {
  std::string head{"GET "};
  head.append(target).append(" HTTP/1.1\r\nHost: ").append(authority);
  head.append("\r\nUser-Agent: ").append(user_agent).append("\r\nAccept: application/json\r\n");
  return head;
}

}  // namespace

std::string render_get(const pod_name& pod, std::string_view authority, std::string_view user_agent) {
  return render(path_of_pods(pod) + '/' + pod.name, authority, user_agent);
}

std::string render_list(const pod_name& pod, std::string_view authority, std::string_view user_agent) {
  return render(path_of_list(pod), authority, user_agent);
}

std::string render_watch(const pod_name& pod, std::string_view version, std::chrono::seconds length,
                         std::string_view authority, std::string_view user_agent) {
  auto target = path_of_list(pod) +
                "&watch=true&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(length.count()) +
                "&resourceVersion=";
  return render(target.append(version), authority, user_agent);
}

}  // namespace sidecar::kube
