#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>
#include <string>

#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/app/health_service.hpp"
#include "sidecar/app/journal.hpp"
#include "sidecar/app/status_port.hpp"
#include "sidecar/app/tls_reloader.hpp"
#include "sidecar/app/watch_loop.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/kube/api_client.hpp"
#include "sidecar/kube/pod_watch.hpp"

namespace sidecar::app {

/// The composition root: creates and connects all parts; one thread. Connections and calls that are still open at the
/// exit are destroyed with the io_context, after everything else, and use nothing of it.
class daemon {
 public:
  /// `identity` is null with STATE_OVERRIDE, `tls` without TLS. `settings` must outlive the daemon.
  daemon(const config::config& settings, std::unique_ptr<cluster_identity> identity, std::unique_ptr<tls_reloader> tls);

  /// False if a port cannot be opened; logs why.
  bool listen();
  /// Call once, after listen(); returns the exit code.
  int run();

 private:
  /// What the target pod and the API server need.
  struct pod_access {
    std::unique_ptr<cluster_identity> identity;
    std::shared_ptr<const kube::call_statistics> calls;
    std::unique_ptr<kube::api_client> client;
    std::unique_ptr<kube::watch_source> watches;  ///< null unless SOURCE=watch

    bool is_looking_up() const { return client->is_looking_up() || (watches && watches->is_looking_up()); }
  };

  std::unique_ptr<pod_access> reach_pod(std::unique_ptr<cluster_identity> identity);
  void review_spec(std::string json);
  health_settings make_health_settings();
  http::server_settings make_server_settings();
  std::size_t files_of_status_port() const;
  status_parts make_status_parts() const;
  void log_start() const;
  void start_watch();
  boost::asio::awaitable<void> serve_until_shutdown(int& exit_code);

  const config::config& settings_;
  std::unique_ptr<tls_reloader> tls_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  journal journal_;
  std::unique_ptr<pod_access> pod_;  ///< null with STATE_OVERRIDE
  health_service health_;
  std::optional<watch_loop> watch_;
  std::optional<http::server> server_;
  std::optional<status_port> status_;
};

}  // namespace sidecar::app
