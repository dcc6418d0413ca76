#include "sidecar/node/node_pods_subject.hpp"

#include <string>
#include <utility>

#include "sidecar/kube/node_pods_reader.hpp"

namespace sidecar::node {

namespace asio = boost::asio;
using watch::steps::delivered;
using watch::steps::learnt;
using watch::steps::listed;

asio::awaitable<listed> node_pods_subject::list() {
  auto result = co_await pods_.list_pods();
  if (!result) co_return listed{result.error()};
  auto version = result->version;
  const auto relation = known_.list(std::move(*result));
  co_return listed{learnt{relation, *known_.confirmed()}, std::move(version)};
}

kube::outcome<delivered> node_pods_subject::learn(const kube::watch_event& event, time_point now) {
  auto arrived = judge_workload_pod(event.subject, require_);
  const bool is_gone = event.what == kube::watch_event::type::deleted || arrived.workload.empty();
  if (!is_gone) {
    if (auto refused = kube::excess_of_kept(arrived)) return std::move(*refused);
  }
  const auto delivery = known_.deliver(std::move(arrived), is_gone, now);
  if (!delivery)
    return kube::protocol_failure("more than " + std::to_string(health::max_workload_pods) + " pods of workloads");
  return delivered{delivery->relation, delivery->is_caught_up};
}

}  // namespace sidecar::node
