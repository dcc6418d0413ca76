#pragma once

#include "sidecar/health/evaluate.hpp"
#include "sidecar/kube/node_pods_source.hpp"
#include "sidecar/node/known_pods.hpp"
#include "sidecar/node/node_service.hpp"
#include "sidecar/watch/watch_subject.hpp"

namespace sidecar::node {

/// Node mode: what a watch loop keeps current. The constructor's references outlive it.
class node_pods_subject final : public watch::watch_subject {
 public:
  node_pods_subject(kube::node_pods_source& pods, known_pods& known, node_service& service, health::requirement require)
      : pods_(pods), known_(known), service_(service), require_(require) {}

  boost::asio::awaitable<watch::steps::listed> list() override;
  kube::outcome<watch::steps::delivered> learn(const kube::watch_event& event, time_point now) override;
  void publish() override { service_.publish(); }
  /// known_pods keeps the less healthy of two states that cannot be ordered.
  void publish_if_worse() override { service_.publish(); }
  void mark_stale(const watch::steps::mark_stale& given) override { service_.mark_stale(given); }
  /// There is no other source.
  void serve(watch::steps::source) override {}

 private:
  kube::node_pods_source& pods_;
  known_pods& known_;
  node_service& service_;
  health::requirement require_;
};

}  // namespace sidecar::node
