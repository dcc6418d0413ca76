#include "sidecar/leaving/node_object_subject.hpp"

namespace sidecar::leaving {

namespace asio = boost::asio;
using watch::steps::delivered;
using watch::steps::learnt;
using watch::steps::listed;

/// The target may move to another node while a LIST is under way.
asio::awaitable<listed> node_object_subject::list() {
  kube::node_name wanted;
  kube::node_read result;
  do {
    wanted = drain_.node();
    result = co_await nodes_.list_node(wanted);
  } while (wanted != drain_.node());
  if (!result) co_return listed{result.error()};
  auto& [found, version] = *result;
  if (listed_ != wanted) known_ = {};
  listed_ = wanted;
  const auto order = known_.list(found);
  co_return listed{learnt{order, known_.confirmed()}, std::move(version)};
}

kube::outcome<delivered> node_object_subject::learn(const kube::watch_event& event, time_point now) {
  return delivered{known_.deliver(kube::node_after(event), now)};
}

void node_object_subject::mark_stale(const watch::steps::mark_stale& given) {
  if (!given.is_gap) drain_.note_failure(given.why);
}

}  // namespace sidecar::leaving
