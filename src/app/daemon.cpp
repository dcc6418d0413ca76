#include "sidecar/app/daemon.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>
#include <sstream>
#include <string>
#include <utility>

#include "sidecar/app/app.hpp"
#include "sidecar/app/listeners.hpp"
#include "sidecar/app/shutdown.hpp"
#include "sidecar/app/startup_report.hpp"
#include "sidecar/app/state_override.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/doctor/spec_errors.hpp"
#include "sidecar/http/listener.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

/// The fetch interval of a drain that load balancers can distinguish from down.
constexpr std::chrono::milliseconds between_drain_fetches{500};

std::function<double()> random_fraction() {
  return [engine = std::minstd_rand{std::random_device{}()}]() mutable {
    return std::uniform_real_distribution<>{0, 1}(engine);
  };
}

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

journal make_journal(const config::config& settings, const cluster_identity* identity) {
  if (identity == nullptr) return {};
  const auto& target = identity->target;
  return {identity->credentials,
          {{settings.unhealthy_status, settings.drain_status}, settings.stale_grace, target},
          notice_log{to_string(target.pod)}};
}

}  // namespace

daemon::daemon(const config::config& settings, std::unique_ptr<cluster_identity> identity,
               std::unique_ptr<tls_reloader> tls)
    : settings_(settings),
      tls_(std::move(tls)),
      signals_(handle_shutdown_signals(context_)),
      journal_(make_journal(settings, identity.get())),
      pod_(reach_pod(std::move(identity))),
      health_(context_.get_executor(), make_health_settings(), pod_ ? pod_->client.get() : nullptr) {
  // Nothing is fetched, so nothing else would say what is answered.
  if (const auto forced = override_of(settings_)) journal_.note({.given = {*forced}, .cause = forced->reason});
}

std::unique_ptr<daemon::pod_access> daemon::reach_pod(std::unique_ptr<cluster_identity> identity) {
  if (!identity) return nullptr;
  auto& credentials = identity->credentials;
  const auto& target = identity->target;
  const kube::api_client_settings made{.url = *settings_.api_server,
                                       .pod = target.pod,
                                       .maintenance_label = settings_.maintenance_label,
                                       .timeout = settings_.api_timeout,
                                       .limiter = std::make_shared<kube::rate_limiter>(settings_.api_qps),
                                       .user_agent = std::string{"http-healthcheck-sidecar/"}.append(version),
                                       .on_first_pod = [this](std::string json) { review_spec(std::move(json)); }};
  const auto executor = context_.get_executor();
  const bool watches = settings_.source == config::source_mode::watch;
  return std::make_unique<pod_access>(
      pod_access{.identity = std::move(identity),
                 .calls = made.statistics,
                 .client = kube::create_api_client(executor, made, credentials),
                 .watches = watches ? kube::create_watch_source(executor, made, credentials) : nullptr});
}

/// After the queries that wait for this response.
void daemon::review_spec(std::string json) {
  asio::post(context_, [this, json = std::move(json)] {
    for (auto& found : doctor::find_spec_errors(json, settings_)) {
      journal_.write({log::level::warn,
                      "configuration error in the pod's spec",
                      {{"detail", std::move(found.what)}, {"hint", std::move(found.remedy)}}});
    }
  });
}

health_settings daemon::make_health_settings() {
  health_settings made{.answers = {.override_verdict = override_of(settings_),
                                   .containers = settings_.target_containers,
                                   .require = kube::requirement_of(settings_),
                                   .hold = {.stale_grace = settings_.stale_grace}},
                       .answer_timeout = settings_.answer_timeout,
                       .log = [this](const transition& now) { journal_.note(now); }};
  made.fetches_at_start = settings_.status_listen.has_value();
  const bool reports_drain = settings_.drain_status != settings_.unhealthy_status || settings_.agent_listen;
  if (reports_drain) made.drain_fetch = between_drain_fetches;
  if (!pod_) return made;
  if (pod_->watches) made.answers.source = watch_steps::source::cache;
  made.answers.bound_uid = [&identity = *pod_->identity] {
    return kube::bound_uid(identity.target.pod, identity.credentials.claims());
  };
  return made;
}

http::server_settings daemon::make_server_settings() {
  http::server_settings made{.unhealthy_status = settings_.unhealthy_status, .drain_status = settings_.drain_status};
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
          .health = health_,
          .server = *server_,
          .history = journal_.history(),
          .watch = watch_,
          .calls = pod_ ? pod_->calls.get() : nullptr,
          .credentials = pod_ ? &pod_->identity->credentials : nullptr,
          .tls = tls_.get()};
}

bool daemon::listen() {
  auto settings = make_server_settings();
  auto opened = open_listeners(context_.get_executor(), settings_);
  if (!opened) return false;
  server_.emplace(std::move(opened->health), health_, std::move(settings));
  if (opened->agent) server_->serve_agent(std::move(*opened->agent));
  if (opened->status) status_.emplace(std::move(*opened->status), make_status_parts());
  log_start();
  return true;
}

void daemon::log_start() const {
  startup_facts facts{.listen = text_of(server_->local_endpoint()), .target = {}};
  if (settings_.agent_listen) facts.agent = text_of(server_->agent_endpoint());
  if (status_) facts.status = text_of(status_->server.local_endpoint());
  if (pod_) facts.target = pod_->identity->target;
  for (const auto& line : startup_report(settings_, facts)) log::write(line.level, line.message, line.fields);
}

void daemon::start_watch() {
  if (!pod_ || !pod_->watches) return;
  watch_.emplace(context_.get_executor(), watch_machine{watch_times{}, random_fraction()}, *pod_->client,
                 *pod_->watches, health_,
                 [this](const watch_steps::notice& given) { journal_.note(given, boottime_clock::now()); });
  watch_->start();
}

asio::awaitable<void> daemon::serve_until_shutdown(int& exit_code) {
  const shutdown_parts parts{health_, watch_ ? &*watch_ : nullptr, *server_};
  exit_code = co_await run_until_shutdown(signals_, parts, settings_.drain);
  context_.stop();
}

int daemon::run() {
  int exit_code = exit_clean;
  asio::co_spawn(context_, health_.run(), net::rethrow);
  start_watch();
  asio::co_spawn(context_, serve_until_shutdown(exit_code), net::rethrow);
  server_->start();
  if (status_) status_->server.start();
  if (!run_loop(context_)) exit_code = exit_failure;
  // Asio's destructor would join the resolver thread, which may block as long as its lookup takes.
  if (pod_ && pod_->is_looking_up()) std::_Exit(exit_code);
  return exit_code;
}

}  // namespace sidecar::app
