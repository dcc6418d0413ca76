#pragma once

#include "sidecar/app/health_service.hpp"
#include "sidecar/app/known_object.hpp"
#include "sidecar/app/node_watcher.hpp"
#include "sidecar/app/watch_subject.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::app {

/// The target pod, for SOURCE=watch. What the constructor gets outlives it.
class pod_subject final : public watch_subject {
 public:
  /// `node`: null unless NODE_DRAIN; it follows the pod.
  pod_subject(kube::pod_source& pods, health_service& health, node_watcher* node = nullptr)
      : pods_(pods), health_(health), node_(node) {}

  boost::asio::awaitable<watch_steps::listed> list() override;
  kube::outcome<watch_steps::delivered> learn(const kube::watch_event& event, time_point now) override;
  void publish() override;
  /// What is known of the node has changed.
  void note_node();
  void publish_if_worse() override { health_.publish_if_worse(known_.unordered()); }
  void mark_stale(const watch_steps::mark_stale& given) override { health_.mark_stale(given); }
  void serve(watch_steps::source origin) override { health_.serve(origin); }

 private:
  void follow_node(time_point since);

  kube::pod_source& pods_;
  health_service& health_;
  node_watcher* node_;
  bool awaits_node_ = false;  ///< what is known has not been published, for want of the node's state
  known_pod known_;
};

}  // namespace sidecar::app
