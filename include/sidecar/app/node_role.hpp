#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>

#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/app/journal.hpp"
#include "sidecar/app/known_node.hpp"
#include "sidecar/app/node_service.hpp"
#include "sidecar/app/node_subject.hpp"
#include "sidecar/app/node_watcher.hpp"
#include "sidecar/app/pods_after_node.hpp"
#include "sidecar/app/role.hpp"
#include "sidecar/app/watch_loop.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/kube/node_source.hpp"
#include "sidecar/kube/pod_watch.hpp"

namespace sidecar::app {

/// Node mode: answers for the workloads of one node.
class node_role final : public role {
 public:
  /// The references outlive it.
  node_role(const boost::asio::any_io_executor& executor, const config::config& settings, cluster_identity& identity,
            journal& notes);

  http::health_endpoint& endpoint() noexcept override { return service_; }
  void start() override;
  void drain() override;
  bool is_looking_up() const noexcept override;
  health::answer current() const override { return service_.current(); }
  status::source_facts describe_source() const override;

 private:
  node_settings make_node_settings();
  kube::node_source& watch_node(cluster_identity& identity);
  void note_node();

  boost::asio::any_io_executor executor_;
  const config::config& settings_;
  journal& journal_;
  kube::api_client_settings access_;
  std::unique_ptr<kube::node_source> pods_;
  std::unique_ptr<kube::watch_source> watches_;
  std::optional<node_watcher> node_;  ///< empty with NODE_DRAIN=false
  std::optional<pods_after_node> pods_after_node_;
  known_node known_;
  node_service service_;
  node_subject subject_;
  std::optional<watch_loop> watch_;
};

}  // namespace sidecar::app
