#include "sidecar/leaving/node_refresh.hpp"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <utility>

#include "sidecar/base/random_fraction.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::leaving {

namespace asio = boost::asio;

namespace {

/// Two LISTs a minute: they find what a watch that died silently does not deliver.
watch::watch_times times_of_node_object() {
  return {.resync = std::chrono::seconds{30}, .current_for = std::chrono::seconds{40}};
}

kube::api_client_settings in_background(kube::api_client_settings access) {
  access.priority = kube::rate_limiter::priority::background;
  access.statistics = std::make_shared<kube::call_statistics>();
  access.on_first_pod = nullptr;
  return access;
}

}  // namespace

node_refresh::node_refresh(asio::any_io_executor executor, bool watches, kube::api_client_settings access,
                           node_drain& drain, kube::service_account& credentials)
    : executor_(std::move(executor)),
      access_(in_background(std::move(access))),
      drain_(drain),
      nodes_(kube::create_node_object_source(executor_, access_, credentials)),
      watches_(watches ? kube::create_node_watch_source(executor_, access_, drain.node(), credentials) : nullptr),
      poll_(executor_, *nodes_, drain, random_fraction()),
      subject_(*nodes_, drain, [this](watch::steps::source origin) {
        origin == watch::steps::source::live ? poll_.resume() : poll_.pause();
      }) {}

void node_refresh::start() {
  asio::co_spawn(executor_, poll_.run(), net::rethrow);
  if (!watches_) return poll_.resume();
  watch_.emplace(executor_, watch::watch_machine{times_of_node_object(), random_fraction()}, subject_, *watches_,
                 [this](const watch::steps::notice& given) { drain_.note(given); });
  watch_->start();
}

void node_refresh::read_now() {
  if (watch_) watch_->renew();
  poll_.read_now();
}

void node_refresh::stop() {
  poll_.pause();
  if (watch_) watch_->stop();
}

}  // namespace sidecar::leaving
