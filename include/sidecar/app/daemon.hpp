#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/app/announcer.hpp"
#include "sidecar/app/app.hpp"
#include "sidecar/app/cluster.hpp"
#include "sidecar/app/health_service.hpp"
#include "sidecar/app/tls_files.hpp"
#include "sidecar/app/watch_keeper.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/kube/api_client.hpp"
#include "sidecar/kube/pod_watch.hpp"

namespace sidecar::app {

/// Owns everything and wires it together; one thread. Sessions and calls that are left at the exit end with the
/// io_context, after everything else here, and on their way touch nothing but themselves.
class daemon {
 public:
  /// `where` is null when STATE_OVERRIDE is set, `tls` when there is none. `settings` must outlive the daemon.
  daemon(const config::config& settings, std::unique_ptr<cluster> where, std::unique_ptr<tls_files> tls);

  /// False when the port cannot be had; says so itself.
  bool listen();
  /// After listen(); returns the exit code.
  int run();

 private:
  health_settings make_health_settings();
  http::health_endpoint make_endpoint();
  std::unique_ptr<kube::api_client> make_client();
  std::unique_ptr<kube::pod_watch> make_watch();
  kube::api_client_settings make_client_settings();
  void make_keeper();
  void tidy_in(std::chrono::seconds time);
  http::server_settings make_server_settings();
  bool listen_for_agents();
  std::vector<log::field> listeners() const;
  void log_start();
  void announce(const news& heard);
  void warn_of_kubelet_probe();

  boost::asio::awaitable<void> handle_signals();
  boost::asio::awaitable<void> drain();
  std::function<void(std::exception_ptr)> ends_with_process();
  void finish(int code);
  void run_guarded();

  const config::config& settings_;
  std::unique_ptr<cluster> cluster_;
  std::unique_ptr<tls_files> tls_;
  announcers announcers_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer tidy_;
  std::shared_ptr<kube::pacer> pace_;
  std::unique_ptr<kube::api_client> client_;
  std::unique_ptr<kube::pod_watch> watch_;  // null unless SOURCE=watch
  health_service health_;
  std::optional<watch_keeper> keeper_;
  std::optional<http::server> server_;
  bool draining_ = false;
  bool warned_of_kubelet_ = false;
  int exit_code_ = exit_clean;
};

}  // namespace sidecar::app
