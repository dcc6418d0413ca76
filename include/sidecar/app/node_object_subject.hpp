#pragma once

#include <functional>
#include <utility>

#include "sidecar/app/known_object.hpp"
#include "sidecar/app/node_drain.hpp"
#include "sidecar/app/watch_subject.hpp"
#include "sidecar/kube/node_object_source.hpp"

namespace sidecar::app {

/// A node itself, for node_drain; node_subject is the pods of a node. The constructor's references outlive it.
class node_object_subject final : public watch_subject {
 public:
  /// `serve`: gets where the node's state comes from, at each change of that.
  node_object_subject(kube::node_object_source& nodes, node_drain& drain,
                      std::function<void(watch_steps::source)> serve)
      : nodes_(nodes), drain_(drain), serve_(std::move(serve)) {}

  boost::asio::awaitable<watch_steps::listed> list() override;
  kube::outcome<watch_steps::delivered> learn(const kube::watch_event& event, time_point now) override;
  void publish() override { drain_.learn(known_.snapshot().state, known_.confirmed()); }
  void publish_if_worse() override { drain_.learn_if_leaving(known_.unordered()); }
  void mark_stale(const watch_steps::mark_stale& given) override;
  void serve(watch_steps::source origin) override { serve_(origin); }

 private:
  kube::node_object_source& nodes_;
  node_drain& drain_;
  std::function<void(watch_steps::source)> serve_;
  kube::node_name listed_;  ///< whose state `known_` is
  known_node_object known_;
};

}  // namespace sidecar::app
