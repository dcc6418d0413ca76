#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "daemon.hpp"

namespace sidecar::test {

/// The agent of node-a in a cluster of many pods. Its own pod, demo/game-0, has no label.
class node_fixture : public cluster_fixture {
 protected:
  node_fixture();

  variables on_node(variables options = {}) const;
  /// Waits until it knows its pods and watches them.
  std::unique_ptr<daemon> start_on_node(const variables& options = {});

  /// A ready pod with the container `app`.
  void put(const std::string& name_space, const std::string& name, const std::string& workload,
           const std::string& node = "node-a") {
    api.put_pod(pod{workload_pod(name_space, name, workload, node)});
  }
};

/// A load balancer's GET of that path: "200 OK weight 2", or without a weight if the answer has none. "no answer" if
/// there is none.
std::string ask_workload(const daemon& agent, const std::string& path);
/// Asks until the answer is that; the last one if it never is.
std::string ask_workload_until(const daemon& agent, const std::string& path, std::string_view answer,
                               std::chrono::milliseconds at_most = std::chrono::seconds{10});

}  // namespace sidecar::test
