#include "sidecar/leaving/node_watcher.hpp"

#include <utility>

#include "sidecar/config/dns1123.hpp"

namespace sidecar::leaving {

namespace asio = boost::asio;

node_watcher_settings make_node_watcher_settings(const config::config& settings, journal::journal& notes,
                                                 std::function<void()> on_change) {
  return {.taints = settings.node_drain_taints,
          .watches = settings.watches(),
          .first_timeout = settings.answer_timeout * 3 / 4,
          .on_change = std::move(on_change),
          .log = [&notes](journal::log_line line) { notes.write(std::move(line)); }};
}

node_watcher::node_watcher(const asio::any_io_executor& executor, node_watcher_settings settings,
                           kube::api_client_settings access, kube::service_account& credentials)
    : settings_(std::move(settings)),
      drain_(settings_.taints,
             {.on_update = [this](const node_drain::update& given) { take(given); }, .log = settings_.log}),
      refresh_(executor, settings_.watches, std::move(access), drain_, credentials),
      result_(executor) {}

void node_watcher::follow(std::string_view node, time_point since) {
  if (is_stopped_ || !config::is_dns1123_subdomain(node)) return;
  const bool is_first = drain_.node().text.empty();
  const bool is_other = drain_.follow(node);
  const bool has_outage_ended = std::exchange(has_outage_, false);
  if (!is_other && !has_outage_ended) return;
  result_.await(settings_.first_timeout - (boottime_clock::now() - since));
  is_first ? refresh_.start() : refresh_.read_now();
}

void node_watcher::stop() {
  is_stopped_ = true;
  result_.end();
  refresh_.stop();
}

void node_watcher::take(const node_drain::update& given) {
  const bool was_awaited = given.has_been_read && result_.end();
  if (was_awaited || given.has_changed) settings_.on_change();
}

status::node_facts node_watcher::describe() const {
  return {.name = drain_.node().text,
          .drain_cause = drain_.cause(),
          .failure = drain_.failure(),
          .observed = drain_.observed(),
          .calls = &refresh_.calls()};
}

}  // namespace sidecar::leaving
