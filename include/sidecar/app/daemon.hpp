#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>

#include "sidecar/app/app.hpp"
#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/app/health_service.hpp"
#include "sidecar/app/status_log.hpp"
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
  /// Access to the API server. Both null with STATE_OVERRIDE.
  struct api_access {
    std::unique_ptr<kube::api_client> client;
    std::unique_ptr<kube::watch_source> watches;  ///< null unless SOURCE=watch
  };

  api_access reach_api();
  health_settings make_health_settings();
  http::server_settings make_server_settings();
  void log_start() const;
  void start_watch();
  boost::asio::awaitable<void> serve_until_shutdown();

  const config::config& settings_;
  std::unique_ptr<cluster_identity> identity_;
  std::unique_ptr<tls_reloader> tls_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  api_access api_;
  std::optional<status_log> status_;  ///< empty with STATE_OVERRIDE
  health_service health_;
  std::optional<watch_loop> watch_;
  std::optional<http::server> server_;
  int exit_code_ = exit_clean;
};

}  // namespace sidecar::app
