#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "requests.hpp"

namespace sidecar::test {

/// What a node's health checks select: node-a, every workload.
inline const std::string node_selectors = "fieldSelector=spec.nodeName%3Dnode-a&labelSelector=health-sidecar%2Fname";

/// A server whose pods the token may read in all namespaces.
struct node_server : ready_server {
  explicit node_server(const api_server::options& options = {}) : ready_server{options} {
    server.allow({.name_space = ""});
  }

  void put(const std::string& name_space, const std::string& name, const std::string& workload,
           const std::string& node = "node-a") {
    server.put_pod(pod{workload_pod(name_space, name, workload, node)});
  }
};

/// `namespace/name` of a PodList's items.
inline std::vector<std::string> names_in(const nlohmann::json& list) {
  std::vector<std::string> names;
  for (const auto& item : list.value("items", nlohmann::json::array())) {
    const auto& metadata = item.at("metadata");
    names.push_back(metadata.at("namespace").get<std::string>() + "/" + metadata.at("name").get<std::string>());
  }
  return names;
}

}  // namespace sidecar::test
