#pragma once

#include <functional>
#include <utility>

#include "sidecar/kube/node_object_source.hpp"
#include "sidecar/leaving/node_drain.hpp"
#include "sidecar/watch/known_object.hpp"
#include "sidecar/watch/watch_subject.hpp"

namespace sidecar::leaving {

/// A node itself, for node_drain; node_pods_subject is the pods of a node. The constructor's references outlive it.
class node_object_subject final : public watch::watch_subject {
 public:
  /// `serve`: gets where the node's state comes from, at each change of that.
  node_object_subject(kube::node_object_source& nodes, node_drain& drain,
                      std::function<void(watch::steps::source)> serve)
      : nodes_(nodes), drain_(drain), serve_(std::move(serve)) {}

  boost::asio::awaitable<watch::steps::listed> list() override;
  kube::outcome<watch::steps::delivered> learn(const kube::watch_event& event, time_point now) override;
  void publish() override { drain_.learn(known_.snapshot().state, known_.confirmed()); }
  void publish_if_worse() override { drain_.learn_if_leaving(known_.unordered()); }
  void mark_stale(const watch::steps::mark_stale& given) override;
  void serve(watch::steps::source origin) override { serve_(origin); }

 private:
  kube::node_object_source& nodes_;
  node_drain& drain_;
  std::function<void(watch::steps::source)> serve_;
  kube::node_name listed_;  ///< whose state `known_` is
  watch::known_node_object known_;
};

}  // namespace sidecar::leaving
