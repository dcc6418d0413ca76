#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/workload.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::kube {

/// The pods of one node that belong to workloads, complete.
struct node_list {
  std::vector<health::workload_pod> pods{};
  time_point observed{};  ///< at the latest then all of it was current
  std::string version{};  ///< the list's: a WATCH can start from it
};

/// Lists the pods of a node. The interface between decisions and network, as pod_source is.
class node_source {
 public:
  virtual ~node_source() = default;

  /// The newest version by a consistent read of one key, then the node's pods from the API server's cache, not older
  /// than that, within 2 s; if the cache does not get there, a consistent read of them all, within API_TIMEOUT. Never
  /// throws. One at a time.
  virtual boost::asio::awaitable<std::variant<node_list, failure>> list_node() = 0;

  /// True during a name lookup, which cannot be cancelled.
  virtual bool is_looking_up() const noexcept = 0;
};

/// The node_source of the product. `settings.node` is set. `credentials` must outlive it.
std::unique_ptr<node_source> create_node_source(boost::asio::any_io_executor executor, api_client_settings settings,
                                                health::requirement require, service_account& credentials);

}  // namespace sidecar::kube
