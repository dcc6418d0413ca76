#pragma once

#include "sidecar/app/health_service.hpp"
#include "sidecar/app/known_pod.hpp"
#include "sidecar/app/watch_subject.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::app {

/// The target pod, for SOURCE=watch. The constructor's references outlive it.
class pod_subject final : public watch_subject {
 public:
  pod_subject(kube::pod_source& pods, health_service& health) : pods_(pods), health_(health) {}

  boost::asio::awaitable<watch_steps::listed> list() override;
  std::variant<watch_steps::delivered, kube::failure> learn(const kube::watch_event& event, time_point now) override;
  void publish() override { health_.publish(known_.snapshot()); }
  void publish_if_worse() override { health_.publish_if_worse(known_.unordered()); }
  void mark_stale(const watch_steps::mark_stale& given) override { health_.mark_stale(given); }
  void serve(watch_steps::source origin) override { health_.serve(origin); }

 private:
  kube::pod_source& pods_;
  health_service& health_;
  known_pod known_;
};

}  // namespace sidecar::app
