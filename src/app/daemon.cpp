#include "sidecar/app/daemon.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <utility>
#include <vector>

#include "sidecar/app/signals.hpp"
#include "sidecar/app/startup_pages.hpp"
#include "sidecar/app/state_override.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/config/warnings.hpp"
#include "sidecar/http/listener.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

/// How long answers already under way may take once the drain is over. With the default drain that makes nine seconds;
/// after ten `docker stop` kills.
constexpr std::chrono::seconds last_answers{1};

/// By then there has been a first question. Later the API server's connection is made anew as often.
constexpr std::chrono::seconds after_start{2};
constexpr std::chrono::seconds between_tidyings{600};

/// Exceptions that leave a handler are bugs that must not stop the service; this many in a minute are no service.
constexpr int tolerated_exceptions = 10;

health::requirement requirement_of(const config::config& settings) {
  return settings.require == config::requirement::pod ? health::requirement::pod : health::requirement::containers;
}

/// What must be ready, for the log.
log::field what_counts(const config::config& settings) {
  if (settings.require == config::requirement::pod) return {"condition", "Ready"};
  if (settings.target_containers.empty()) return {"container", "all"};
  std::string names;
  for (const auto& one : settings.target_containers) names.append(names.empty() ? "" : ",").append(one);
  return {"container", std::move(names)};
}

std::string written(const asio::ip::tcp::endpoint& endpoint) {
  std::ostringstream text;
  text << endpoint;
  return text.str();
}

/// Nothing if the port cannot be had; says so itself.
std::optional<asio::ip::tcp::acceptor> open(const asio::any_io_executor& executor, const config::listen_address& wanted,
                                            std::string_view option) {
  auto opened = http::open_listener(executor, asio::ip::make_address(wanted.address), wanted.port, wanted.defaulted);
  if (opened) return std::move(*opened);
  const bool taken = opened.error() == asio::error::address_in_use;
  const auto variable = config::variable_name(option);
  log::error(taken
                 ? "cannot listen: another process has the port (all containers of a pod share its ports); stop it, or "
                   "choose another with " +
                       variable
                 : "cannot listen; check " + variable + " and what this host allows",
             {{"listen", config::bracketed(wanted.address) + ':' + std::to_string(wanted.port)},
              {"problem", opened.error().message()}});
  return std::nullopt;
}

}  // namespace

daemon::daemon(const config::config& settings, std::unique_ptr<cluster> where, std::unique_ptr<tls_files> tls)
    : settings_(settings),
      cluster_(std::move(where)),
      tls_(std::move(tls)),
      announcers_({settings.unhealthy_status, settings.drain_status}, settings.stale_grace),
      signals_(context_, SIGTERM, SIGINT, SIGHUP),
      tidy_(context_),
      pace_(std::make_shared<kube::pacer>(settings.api_qps)),
      client_(make_client()),
      watch_(make_watch()),
      health_(context_.get_executor(), make_health_settings(), client_.get()) {
  unblock_signals();
}

kube::api_client_settings daemon::make_client_settings() {
  return {.url = *settings_.api_server,
          .pod = cluster_->target.pod,
          .timeout = settings_.api_timeout,
          .pace = pace_,
          .user_agent = std::string{"http-healthcheck-sidecar/"}.append(version)};
}

std::unique_ptr<kube::api_client> daemon::make_client() {
  if (!cluster_) return nullptr;
  return kube::create_api_client(context_.get_executor(), make_client_settings(), cluster_->credentials);
}

std::unique_ptr<kube::pod_watch> daemon::make_watch() {
  if (!cluster_ || settings_.source != config::truth_source::watch) return nullptr;
  return kube::create_pod_watch(context_.get_executor(), make_client_settings(), cluster_->credentials);
}

void daemon::make_keeper() {
  if (!watch_) return;
  watch_settings with;
  with.tell = [this](bool good, const std::string& message, const std::string& detail) {
    std::vector<log::field> extra{{"pod", to_string(cluster_->target.pod)}};
    if (!detail.empty()) extra.push_back({"detail", cluster_->credentials.without_token(detail)});
    log::write(good ? log::level::info : log::level::warn, message, extra);
  };
  keeper_.emplace(context_.get_executor(), std::move(with), *watch_, health_);
}

health_settings daemon::make_health_settings() {
  health_settings with{.override_verdict = override_of(settings_),
                       .containers = settings_.target_containers,
                       .require = requirement_of(settings_),
                       .stale_grace = settings_.stale_grace,
                       .answer_timeout = settings_.answer_timeout,
                       .begins_with = watch_ ? memory::interrupted : memory::none};
  const bool drain_is_told = settings_.drain_status != settings_.unhealthy_status || settings_.agent_listen;
  if (drain_is_told) with.look_while_draining = std::chrono::milliseconds{500};
  if (cluster_) {
    with.bound_uid = [this] { return kube::bound_uid(cluster_->target.pod, cluster_->credentials.claims()); };
  }
  with.announce = [this](const news& heard) { announce(heard); };
  return with;
}

http::health_endpoint daemon::make_endpoint() {
  return {.at_once = [this](std::string_view container) { return health_.at_once(container); },
          .ask = [this](std::string container) { return health_.ask(std::move(container)); },
          .on_kubelet_probe = [this] { warn_of_kubelet_probe(); },
          .draining = [this] { return draining_; }};
}

http::server_settings daemon::make_server_settings() {
  http::server_settings made{.unhealthy_status = settings_.unhealthy_status, .drain_status = settings_.drain_status};
  made.bounds.connections = http::connection_cap(http::raise_open_file_limit());
  if (watch_) made.turns = net::peer_reactor::turns::after_others;
  if (tls_) {
    made.bounds.connections = std::min(made.bounds.connections, http::tls_connections);
    made.tls = [this] { return tls_->current(); };
  }
  return made;
}

bool daemon::listen() {
  auto settings = make_server_settings();
  auto acceptor = open(context_.get_executor(), settings_.listen, "LISTEN");
  if (!acceptor) return false;
  server_.emplace(std::move(*acceptor), make_endpoint(), std::move(settings));
  if (!listen_for_agents()) return false;
  log_start();
  return true;
}

bool daemon::listen_for_agents() {
  if (!settings_.agent_listen) return true;
  auto acceptor = open(context_.get_executor(), *settings_.agent_listen, "AGENT_LISTEN");
  if (!acceptor) return false;
  server_->serve_agent(std::move(*acceptor));
  return true;
}

std::vector<log::field> daemon::listeners() const {
  std::vector<log::field> shown{{"listen", written(server_->local_endpoint())}};
  if (tls_) shown.push_back({"tls", settings_.tls_client_ca.empty() ? "on" : "with client certificates"});
  if (settings_.agent_listen) shown.push_back({"agent", written(server_->agent_endpoint())});
  return shown;
}

void daemon::log_start() {
  const auto started = std::string{"http-healthcheck-sidecar "}.append(version) + " listens";
  auto shown = listeners();
  if (!cluster_) {
    shown.push_back({"source", "override"});
    log::info(started, shown);
    const auto why = override_of(settings_)->reason;
    return log::warn("answers " + std::to_string(overridden_status(settings_)) + ": " + std::string{meaning(why)} +
                         "; " + std::string{advice(why)},
                     {{"STATE_OVERRIDE", settings_.state_override}});
  }
  const auto& target = cluster_->target;
  for (const auto& field :
       {log::field{"target", to_string(target.pod)}, log::field{"pod_name_from", target.origin}, what_counts(settings_),
        log::field{"source", watch_ ? "watch" : "live"}, log::field{"api", to_string(*settings_.api_server)}}) {
    shown.push_back(field);
  }
  log::info(started, shown);
  for (const auto& warning : config::warnings(settings_)) log::warn(warning);
  if (!target.disagreement.empty()) log::info(target.disagreement);
}

void daemon::announce(const news& heard) {
  const auto said = announcers_.note(heard);
  if (!said && !log::enabled(log::level::debug)) return;
  const auto& [verdict, held] = heard.given;
  std::vector<log::field> extra{{"reason", std::string{name(heard.cause)}}, {"pod", to_string(cluster_->target.pod)}};
  if (!heard.container.empty()) extra.push_back({"container", heard.container});
  if (held) extra.push_back({"held", std::string{name(verdict.reason)}});
  if (heard.cause == health::reason::pod_not_found) extra.push_back({"pod_name_from", cluster_->target.origin});
  if (!heard.detail.empty()) extra.push_back({"detail", cluster_->credentials.without_token(heard.detail)});
  if (!said) return log::debug("as before", extra);
  log::write(said->good ? log::level::info : log::level::warn, said->message, extra);
}

void daemon::warn_of_kubelet_probe() {
  if (std::exchange(warned_of_kubelet_, true)) return;
  log::warn(
      "a kubelet probe asks a health path: as liveness probe it restarts the container when the pod is not ready, "
      "as readiness probe of a container that counts it keeps the pod from ever getting ready; point the probe "
      "at /livez");
}

asio::awaitable<void> daemon::handle_signals() {
  for (;;) {
    auto [failed, signal] = co_await signals_.async_wait(net::use_result);
    if (failed) co_return;
    if (signal == SIGHUP) {
      log::info("SIGHUP: nothing to do, token, CA bundle and TLS files are read again whenever they change");
      continue;
    }
    if (signal == SIGTERM && !draining_) {
      asio::co_spawn(context_, drain(), ends_with_process());
      continue;
    }
    log::warn("stopping at once", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    finish(128 + signal);
    co_return;
  }
}

asio::awaitable<void> daemon::drain() {
  draining_ = true;
  log::info("SIGTERM: every health check is unhealthy from now on, so that load balancers leave before the exit",
            {{"reason", "Draining"}, {"drain", std::to_string(settings_.drain.count()) + "ms"}});
  if (keeper_) keeper_->stop();
  health_.drain();
  asio::steady_timer timer(context_, settings_.drain);
  co_await timer.async_wait(net::use_result);
  server_->stop_accepting();
  server_->close_idle();
  const bool empty = co_await server_->wait_until_empty(last_answers);
  if (!empty) log::warn("some clients did not take their answers");
  log::info("drained; bye");
  finish(exit_clean);
}

/// For coroutines without which the process could not be stopped any more.
std::function<void(std::exception_ptr)> daemon::ends_with_process() {
  return [this](std::exception_ptr error) {
    net::log_exception{"the handling of signals"}(error);
    if (error) finish(exit_failure);
  };
}

void daemon::finish(int code) {
  exit_code_ = code;
  context_.stop();
}

void daemon::run_guarded() {
  int exceptions = 0;
  auto since = std::chrono::steady_clock::now();
  for (;;) {
    try {
      // Once more after an exception, which may have ended them.
      server_->start();
      if (keeper_) keeper_->start();
      context_.run();
      return;
    } catch (const std::exception& error) {
      log::error("an unexpected exception; going on", {{"what", error.what()}});
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - since > std::chrono::minutes{1}) {
      since = now;
      exceptions = 0;
    }
    if (++exceptions > tolerated_exceptions) {
      log::error("too many exceptions within a minute: giving up, so that Kubernetes starts a new container");
      return finish(exit_failure);
    }
  }
}

void daemon::tidy_in(std::chrono::seconds time) {
  tidy_.expires_after(time);
  tidy_.async_wait([this](boost::system::error_code ended) {
    if (ended) return;
    forget_startup_pages();
    tidy_in(between_tidyings);
  });
}

int daemon::run() {
  tidy_in(after_start);
  make_keeper();
  asio::co_spawn(context_, handle_signals(), ends_with_process());
  run_guarded();
  if ((client_ && client_->is_looking_up()) || (watch_ && watch_->is_looking_up())) {
    // Asio's destructor would join the thread that sits in the lookup, for as long as the resolver likes.
    log::flush();
    std::_Exit(exit_code_);
  }
  return exit_code_;
}

}  // namespace sidecar::app
