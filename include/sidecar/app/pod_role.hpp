#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/app/role.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/journal/journal.hpp"
#include "sidecar/kube/api_client.hpp"
#include "sidecar/kube/object_watch.hpp"
#include "sidecar/leaving/node_watcher.hpp"
#include "sidecar/leaving/wait_for_node.hpp"
#include "sidecar/pod/health_service.hpp"
#include "sidecar/pod/pod_subject.hpp"
#include "sidecar/watch/watch_loop.hpp"

namespace sidecar::app {

/// Answers for one pod.
class pod_role final : public role {
 public:
  /// `identity` is null with STATE_OVERRIDE. The references, and `identity`, outlive it.
  pod_role(const boost::asio::any_io_executor& executor, const config::config& settings, cluster_identity* identity,
           journal::journal& notes);

  http::health_endpoint& endpoint() noexcept override { return health_; }
  void start() override;
  void drain() override;
  health::answer current() const override { return health_.current(); }
  status::source_facts describe_source() const override;

 private:
  /// What reaches the API server; nothing of it exists with STATE_OVERRIDE.
  struct api_parts {
    std::shared_ptr<const kube::call_statistics> calls;
    std::unique_ptr<kube::pod_source> client;
    std::unique_ptr<kube::watch_source> watches;          ///< null unless SOURCE=watch
    std::unique_ptr<leaving::node_watcher> node;          ///< null unless NODE_DRAIN
    std::unique_ptr<leaving::pod_source_after_node> pod;  ///< the client, through `node`; null without it

    kube::pod_source* pods() const { return pod ? pod.get() : client.get(); }
  };

  api_parts reach_api(cluster_identity* identity);
  std::unique_ptr<leaving::node_watcher> watch_node(const kube::api_client_settings& access,
                                                    cluster_identity& identity);
  pod::health_settings make_health_settings(const cluster_identity* identity);
  void review_spec(std::string json);
  void note_node();

  boost::asio::any_io_executor executor_;
  const config::config& settings_;
  journal::journal& journal_;
  api_parts api_;
  pod::health_service health_;
  std::optional<pod::pod_subject> subject_;
  std::optional<watch::watch_loop> watch_;
};

}  // namespace sidecar::app
