#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/watch_end.hpp"
#include "sidecar/kube/watch_event.hpp"

namespace sidecar::kube {

/// The API server has accepted the watch: status 200.
struct watch_accepted {};

using watch_step = std::variant<watch_accepted, watch_event, watch_end>;

/// One WATCH on the pod, in node mode on the pods of workloads, or on a node itself, on a connection of its own.
class object_watch {
 public:
  virtual ~object_watch() = default;

  /// The next step: first that the watch is accepted, then events in order (without those of an unknown type), then its
  /// end. Never throws.
  virtual boost::asio::awaitable<watch_step> next() = 0;

  /// Ends the watch soon, as lost.
  virtual void close() = 0;

  /// True if the CA bundle that verified the server has been replaced since.
  virtual bool is_outdated() const = 0;
};

/// Opens watches; an interface for the same reason as pod_source.
class watch_source {
 public:
  virtual ~watch_source() = default;

  /// A watch for events after `version`. The server ends it after `length`; if it does not, we do, 30 s later. It is
  /// shared with the coroutine that waits for its next step, and must not outlive the source, except a watch that is
  /// destroyed with its io_context.
  virtual std::shared_ptr<object_watch> watch(std::string version, std::chrono::seconds length) = 0;
};

/// The watch_source of the product: a connection for each watch, so that a fleet's watches spread over all API servers.
/// `settings.timeout` limits the time until the request is sent. `credentials` must outlive it.
std::unique_ptr<watch_source> create_watch_source(boost::asio::any_io_executor executor, api_client_settings settings,
                                                  service_account& credentials);

/// The same for the node itself. `node` is read again for each watch; it and `credentials` outlive the source.
std::unique_ptr<watch_source> create_node_watch_source(boost::asio::any_io_executor executor,
                                                       api_client_settings settings, const node_name& node,
                                                       service_account& credentials);

}  // namespace sidecar::kube
