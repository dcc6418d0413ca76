#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>

#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/node_object_source.hpp"
#include "sidecar/kube/object_watch.hpp"
#include "sidecar/leaving/node_drain.hpp"
#include "sidecar/leaving/node_object_subject.hpp"
#include "sidecar/leaving/node_poll.hpp"
#include "sidecar/watch/watch_loop.hpp"

namespace sidecar::leaving {

/// Keeps what a node_drain knows of its node current: by LIST and WATCH where those are wanted and possible, otherwise
/// by a GET now and then. `drain` and `credentials` outlive it, and it outlives its coroutines, except those that are
/// destroyed with the io_context.
class node_refresh {
 public:
  /// `access`: as for the pod; it shares the rate limit, and counts its calls apart.
  node_refresh(boost::asio::any_io_executor executor, bool watches, kube::api_client_settings access, node_drain& drain,
               kube::service_account& credentials);

  /// Begins to read the node that `drain` follows. Call once.
  void start();
  /// The node is another one, or what is known may be old.
  void read_now();
  void stop();

  const kube::call_statistics& calls() const noexcept { return *access_.statistics; }

 private:
  boost::asio::any_io_executor executor_;
  kube::api_client_settings access_;
  node_drain& drain_;
  std::unique_ptr<kube::node_object_source> nodes_;
  std::unique_ptr<kube::watch_source> watches_;  ///< null: by GET alone
  node_poll poll_;                               ///< paused while LIST and WATCH serve
  node_object_subject subject_;
  std::optional<watch::watch_loop> watch_;
};

}  // namespace sidecar::leaving
