#include "sidecar/app/pod_subject.hpp"

#include <utility>

namespace sidecar::app {

namespace asio = boost::asio;

asio::awaitable<watch_steps::listed> pod_subject::list() {
  kube::list_result came;
  {
    const auto call = co_await pods_.begin_call();
    came = co_await call->list_pod();
  }
  if (auto* problem = std::get_if<kube::failure>(&came.found)) co_return watch_steps::listed{std::move(*problem)};
  const auto order = known_.list(std::get<health::snapshot>(came.found));
  follow_node();
  if (node_ != nullptr) co_await node_->wait_for_first_result();
  co_return watch_steps::listed{watch_steps::learnt{order, known_.confirmed()}, std::move(came.version)};
}

void pod_subject::follow_node() {
  const auto* subject = std::get_if<health::pod>(&known_.snapshot().state);
  if (node_ != nullptr && subject != nullptr) node_->follow(subject->node_name);
}

void pod_subject::publish() {
  follow_node();
  health_.publish(known_.snapshot());
}

std::variant<watch_steps::delivered, kube::failure> pod_subject::learn(const kube::watch_event& event, time_point now) {
  return watch_steps::delivered{known_.deliver(kube::state_after(event), now)};
}

}  // namespace sidecar::app
