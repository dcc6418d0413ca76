#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <optional>

#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/app/role.hpp"
#include "sidecar/app/status_port.hpp"
#include "sidecar/app/tls_reloader.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/journal/journal.hpp"

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
  http::server_settings make_server_settings();
  std::size_t files_of_status_port() const;
  status_parts make_status_parts() const;
  void log_start() const;
  boost::asio::awaitable<void> serve_until_shutdown(int& exit_code);

  const config::config& settings_;
  std::unique_ptr<cluster_identity> identity_;  ///< null with STATE_OVERRIDE
  std::unique_ptr<tls_reloader> tls_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  journal::journal journal_;
  std::unique_ptr<role> role_;
  std::optional<http::server> server_;
  std::optional<status_port> status_;
};

}  // namespace sidecar::app
