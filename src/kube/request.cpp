#include "sidecar/kube/request.hpp"

#include "sidecar/base/ascii.hpp"
#include "sidecar/config/config.hpp"

namespace sidecar::kube {
namespace {

std::string path_of_pods(const std::string& namespace_name) {
  return namespace_name.empty() ? "/api/v1/pods" : "/api/v1/namespaces/" + namespace_name + "/pods";
}

/// RFC 3986, 2.3.
bool is_unreserved(char c) noexcept { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded.append({'%', digits[byte >> 4U], digits[byte & 0xFU]});
    }
  }
  return encoded;
}

std::string watch_part(std::string_view version, std::chrono::seconds length) {
  auto part = "&watch=true&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(length.count());
  return part.append("&resourceVersion=").append(version);
}

}  // namespace

std::string get_target(const pod_name& pod) { return path_of_pods(pod.namespace_name) + '/' + pod.name; }

std::string list_target(const pod_name& pod) {
  return path_of_pods(pod.namespace_name) + "?fieldSelector=metadata.name%3D" + pod.name;
}

std::string watch_target(const pod_name& pod, std::string_view version, std::chrono::seconds length) {
  return list_target(pod) + watch_part(version, length);
}

std::string node_pods_target(const node_scope& scope, std::string_view version) {
  auto target = path_of_pods(scope.namespace_name) + "?fieldSelector=spec.nodeName%3D" + scope.node +
                "&labelSelector=" + percent_encoded(config::workload_label);
  if (version.empty()) return target;
  return target.append("&resourceVersion=").append(version).append("&resourceVersionMatch=NotOlderThan");
}

std::string node_pods_next_page(const node_scope& scope, std::string_view token) {
  return node_pods_target(scope) + "&continue=" + percent_encoded(token);
}

std::string node_pods_watch_target(const node_scope& scope, std::string_view version, std::chrono::seconds length) {
  return node_pods_target(scope) + watch_part(version, length);
}

std::string get_target(const node_name& node) { return "/api/v1/nodes/" + node.text; }

std::string list_target(const node_name& node) { return "/api/v1/nodes?fieldSelector=metadata.name%3D" + node.text; }

std::string watch_target(const node_name& node, std::string_view version, std::chrono::seconds length) {
  return list_target(node) + watch_part(version, length);
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
