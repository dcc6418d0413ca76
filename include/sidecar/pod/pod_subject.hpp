#pragma once

#include "sidecar/kube/pod_source.hpp"
#include "sidecar/leaving/node_watcher.hpp"
#include "sidecar/pod/health_service.hpp"
#include "sidecar/watch/known_object.hpp"
#include "sidecar/watch/watch_subject.hpp"

namespace sidecar::pod {

/// The target pod, for SOURCE=watch. What the constructor gets outlives it.
class pod_subject final : public watch::watch_subject {
 public:
  /// `node`: null unless NODE_DRAIN; it follows the pod.
  pod_subject(kube::pod_source& pods, health_service& health, leaving::node_watcher* node = nullptr)
      : pods_(pods), health_(health), node_(node) {}

  boost::asio::awaitable<watch::steps::listed> list() override;
  kube::outcome<watch::steps::delivered> learn(const kube::watch_event& event, time_point now) override;
  void publish() override;
  /// What is known of the node has changed.
  void note_node();
  void publish_if_worse() override { health_.publish_if_worse(known_.unordered()); }
  void mark_stale(const watch::steps::mark_stale& given) override { health_.mark_stale(given); }
  void serve(watch::steps::source origin) override { health_.serve(origin); }

 private:
  void follow_node(time_point since);

  kube::pod_source& pods_;
  health_service& health_;
  leaving::node_watcher* node_;
  bool awaits_node_ = false;  ///< what is known has not been published, for want of the node's state
  watch::known_pod known_;
};

}  // namespace sidecar::pod
