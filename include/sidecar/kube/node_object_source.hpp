#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "sidecar/health/node.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_name.hpp"

namespace sidecar::kube {

/// A node's state, dated just before the request's first byte was written.
struct read_node {
  health::node_snapshot found;
  std::string version{};  ///< of a LIST: a WATCH can start from it
};
using node_read = outcome<read_node>;

/// Reads a node itself; node_pods_source lists its pods. The interface between decisions and network, as pod_source is.
/// One call at a time; each ends within API_TIMEOUT of its start and never throws.
class node_object_source {
 public:
  virtual ~node_object_source() = default;

  virtual boost::asio::awaitable<node_read> get_node(node_name wanted) = 0;
  virtual boost::asio::awaitable<node_read> list_node(node_name wanted) = 0;
};

/// The node_object_source of the product, on a connection of its own. `credentials` must outlive it.
std::unique_ptr<node_object_source> create_node_object_source(const boost::asio::any_io_executor& executor,
                                                              api_client_settings settings,
                                                              service_account& credentials);

}  // namespace sidecar::kube
