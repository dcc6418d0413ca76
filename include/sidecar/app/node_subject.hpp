#pragma once

#include "sidecar/app/known_node.hpp"
#include "sidecar/app/node_service.hpp"
#include "sidecar/app/watch_subject.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/kube/node_source.hpp"

namespace sidecar::app {

/// Node mode: what a watch loop keeps current. The constructor's references outlive it.
class node_subject final : public watch_subject {
 public:
  node_subject(kube::node_source& pods, known_node& known, node_service& service, health::requirement require)
      : pods_(pods), known_(known), service_(service), require_(require) {}

  boost::asio::awaitable<watch_steps::listed> list() override;
  kube::outcome<watch_steps::delivered> learn(const kube::watch_event& event, time_point now) override;
  void publish() override { service_.publish(); }
  /// known_node keeps the less healthy of two states that cannot be ordered.
  void publish_if_worse() override { service_.publish(); }
  void mark_stale(const watch_steps::mark_stale& given) override { service_.mark_stale(given); }
  /// There is no other source.
  void serve(watch_steps::source) override {}

 private:
  kube::node_source& pods_;
  known_node& known_;
  node_service& service_;
  health::requirement require_;
};

}  // namespace sidecar::app
