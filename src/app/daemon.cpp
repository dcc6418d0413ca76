#include "sidecar/app/daemon.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

#include "sidecar/app/app.hpp"
#include "sidecar/app/listeners.hpp"
#include "sidecar/app/node_role.hpp"
#include "sidecar/app/pod_role.hpp"
#include "sidecar/app/shutdown.hpp"
#include "sidecar/app/startup_report.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/http/listener.hpp"
#include "sidecar/kube/target.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/resolver_cache.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

journal::journal make_journal(const config::config& settings, const cluster_identity* identity) {
  if (identity == nullptr) return {};
  const auto about = journal::subject_of(settings, identity->target);
  return {
      identity->credentials, {kube::statuses_of(settings), settings.stale_grace, about}, journal::notice_log{about}};
}

std::unique_ptr<role> make_role(const asio::any_io_executor& executor, const config::config& settings,
                                cluster_identity* identity, journal::journal& notes) {
  if (settings.mode == config::run_mode::node) return std::make_unique<node_role>(executor, settings, *identity, notes);
  return std::make_unique<pod_role>(executor, settings, identity, notes);
}

}  // namespace

daemon::daemon(const config::config& settings, std::unique_ptr<cluster_identity> identity,
               std::unique_ptr<tls_reloader> tls)
    : settings_(settings),
      identity_(std::move(identity)),
      tls_(std::move(tls)),
      signals_(handle_shutdown_signals(context_)),
      journal_(make_journal(settings, identity_.get())),
      role_(make_role(context_.get_executor(), settings, identity_.get(), journal_)) {}

http::server_settings daemon::make_server_settings() {
  http::server_settings made{.statuses = kube::statuses_of(settings_), .mode = settings_.mode};
  // In node mode an agent check has two waits within ANSWER_TIMEOUT: for the client's line, and for the answer. Only
  // before the first LIST does the answer wait, so the line gets nearly all of the time.
  made.bounds.agent_line = std::max(settings_.answer_timeout - made.bounds.sweep, settings_.answer_timeout / 2);
  made.records_clients = settings_.status_listen.has_value();
  const auto files = http::raise_open_file_limit();
  made.bounds.connections = http::connection_cap(files - std::min(files, files_of_status_port()));
  if (!tls_) return made;
  made.bounds.connections = std::min(made.bounds.connections, http::tls_connections);
  made.tls = [this] { return tls_->current(); };
  return made;
}

std::size_t daemon::files_of_status_port() const {
  return settings_.status_listen ? status::status_limits().connections + 1 : 0;
}

status_parts daemon::make_status_parts() const {
  return {.settings = settings_,
          .role = *role_,
          .server = *server_,
          .history = journal_.history(),
          .credentials = identity_ ? &identity_->credentials : nullptr,
          .tls = tls_.get()};
}

bool daemon::listen() {
  auto settings = make_server_settings();
  auto opened = open_listeners(context_.get_executor(), settings_);
  if (!opened) return false;
  server_.emplace(std::move(opened->health), role_->endpoint(), std::move(settings));
  if (opened->agent) server_->serve_agent(std::move(*opened->agent));
  if (opened->status) status_.emplace(std::move(*opened->status), make_status_parts());
  log_start();
  return true;
}

void daemon::log_start() const {
  startup_facts facts{.listen = text_of(server_->local_endpoint()), .target = {}};
  if (settings_.agent_listen) facts.agent = text_of(server_->agent_endpoint());
  if (status_) facts.status = text_of(status_->server.local_endpoint());
  if (identity_) facts.target = identity_->target;
  for (const auto& line : startup_report(settings_, facts)) log::write(line.level, line.message, line.fields);
}

asio::awaitable<void> daemon::serve_until_shutdown(int& exit_code) {
  const shutdown_parts parts{*role_, *server_};
  exit_code = co_await run_until_shutdown(signals_, parts, settings_.drain);
  context_.stop();
}

int daemon::run() {
  int exit_code = exit_clean;
  role_->start();
  asio::co_spawn(context_, serve_until_shutdown(exit_code), net::rethrow);
  server_->start();
  if (status_) status_->server.start();
  if (!run_loop(context_)) exit_code = exit_failure;
  // Asio's destructor would join the resolver thread, which may block as long as its lookup takes.
  if (net::resolver_cache::pending_lookups() > 0) std::_Exit(exit_code);
  return exit_code;
}

}  // namespace sidecar::app
