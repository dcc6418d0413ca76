#pragma once

#include <string>
#include <utility>

#include "sidecar/kube/node_pods_source.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/leaving/node_watcher.hpp"

/// Holds back what was read of pods until their node has been read, or a timeout. Otherwise a sidecar that restarts on
/// a leaving node would answer 200 first, and load balancers would send clients there.
namespace sidecar::leaving {

/// The target pod by GET; its node is followed. After a LIST, which is ordered against events first, pod_subject does
/// the same. The references outlive it.
class pod_source_after_node final : public kube::pod_source {
 public:
  pod_source_after_node(kube::pod_source& pods, node_watcher& node) : pods_(pods), node_(node) {}

  boost::asio::awaitable<std::unique_ptr<kube::pod_call>> begin_call() override;

 private:
  kube::pod_source& pods_;
  node_watcher& node_;
};

/// The pods of the node of that name. The references outlive it.
class node_pods_source_after_node final : public kube::node_pods_source {
 public:
  node_pods_source_after_node(kube::node_pods_source& pods, node_watcher& node, std::string name)
      : pods_(pods), node_(node), name_(std::move(name)) {}

  boost::asio::awaitable<kube::outcome<kube::node_pods>> list_pods() override;

 private:
  kube::node_pods_source& pods_;
  node_watcher& node_;
  std::string name_;
};

}  // namespace sidecar::leaving
