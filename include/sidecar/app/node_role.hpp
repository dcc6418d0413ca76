#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>

#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/app/role.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/journal/journal.hpp"
#include "sidecar/kube/node_pods_source.hpp"
#include "sidecar/kube/object_watch.hpp"
#include "sidecar/leaving/node_watcher.hpp"
#include "sidecar/leaving/wait_for_node.hpp"
#include "sidecar/node/known_pods.hpp"
#include "sidecar/node/node_pods_subject.hpp"
#include "sidecar/node/node_service.hpp"
#include "sidecar/watch/watch_loop.hpp"

namespace sidecar::app {

/// Node mode: answers for the workloads of one node.
class node_role final : public role {
 public:
  /// The references outlive it.
  node_role(const boost::asio::any_io_executor& executor, const config::config& settings, cluster_identity& identity,
            journal::journal& notes);

  http::health_endpoint& endpoint() noexcept override { return service_; }
  void start() override;
  void drain() override;
  health::answer current() const override { return service_.current(); }
  status::source_facts describe_source() const override;

 private:
  /// What reaches the API server.
  struct api_parts {
    std::shared_ptr<const kube::call_statistics> calls;
    std::unique_ptr<kube::node_pods_source> pods;
    std::unique_ptr<kube::watch_source> watches;
    std::unique_ptr<leaving::node_watcher> node;                       ///< null with NODE_DRAIN=false
    std::unique_ptr<leaving::node_pods_source_after_node> after_node;  ///< the pods, through `node`; null without it

    kube::node_pods_source& source() const {
      return after_node ? static_cast<kube::node_pods_source&>(*after_node) : *pods;
    }
  };

  api_parts reach_api(cluster_identity& identity);
  node::node_settings make_node_settings();
  void note_node();

  boost::asio::any_io_executor executor_;
  const config::config& settings_;
  journal::journal& journal_;
  api_parts api_;
  node::known_pods known_;
  node::node_service service_;
  node::node_pods_subject subject_;
  std::optional<watch::watch_loop> watch_;
};

}  // namespace sidecar::app
