#include "sidecar/pod/pod_subject.hpp"

#include <utility>

namespace sidecar::pod {

namespace asio = boost::asio;

asio::awaitable<watch::steps::listed> pod_subject::list() {
  kube::list_result result;
  {
    const auto call = co_await pods_.begin_call();
    result = co_await call->list_pod();
  }
  if (!result.found) {
    if (node_ != nullptr) node_->note_outage();
    co_return watch::steps::listed{result.found.error()};
  }
  auto order = known_.list(*result.found);
  follow_node(result.found->observed);
  if (node_ != nullptr && node_->awaits_result()) {
    co_await node_->wait_for_result();
    order = known_.list_again(*result.found, order);
  }
  co_return watch::steps::listed{watch::steps::learnt{order, known_.confirmed()}, std::move(result.version)};
}

void pod_subject::follow_node(time_point since) {
  if (node_ != nullptr) node_->follow(health::node_of(known_.snapshot().state), since);
}

/// A pod that an event finds on another node counts once that node is read, unless it is worse than what was known.
void pod_subject::publish() {
  follow_node(boottime_clock::now());
  awaits_node_ = node_ != nullptr && node_->awaits_result();
  awaits_node_ ? health_.publish_if_worse(known_.snapshot().state) : health_.publish(known_.snapshot());
}

void pod_subject::note_node() {
  if (awaits_node_) publish();
}

kube::outcome<watch::steps::delivered> pod_subject::learn(const kube::watch_event& event, time_point now) {
  return watch::steps::delivered{known_.deliver(kube::state_after(event), now)};
}

}  // namespace sidecar::pod
