#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_pods.hpp"

namespace sidecar::kube {

/// Lists the pods of a node. The interface between decisions and network, as pod_source is.
class node_pods_source {
 public:
  virtual ~node_pods_source() = default;

  /// The newest version by a consistent read of one key, then the node's pods from the API server's cache, not older
  /// than that, within 2 s; if the cache does not get there, a consistent read of them all, within API_TIMEOUT. Never
  /// throws. One at a time.
  virtual boost::asio::awaitable<outcome<node_pods>> list_pods() = 0;
};

/// The node_pods_source of the product. `settings.node` is set. `credentials` must outlive it.
std::unique_ptr<node_pods_source> create_node_pods_source(boost::asio::any_io_executor executor,
                                                          api_client_settings settings, health::requirement require,
                                                          service_account& credentials);

}  // namespace sidecar::kube
