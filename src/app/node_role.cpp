#include "sidecar/app/node_role.hpp"

#include <chrono>
#include <tuple>
#include <utility>

#include "sidecar/app/api_access.hpp"
#include "sidecar/app/watch_facts.hpp"
#include "sidecar/base/random_fraction.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

/// Nothing else answers while LIST is denied, so it is tried more often than by a sidecar.
watch::watch_times times_of_node() { return {.max_denied_pause = std::chrono::minutes{1}, .has_live_source = false}; }

}  // namespace

node_role::node_role(const asio::any_io_executor& executor, const config::config& settings, cluster_identity& identity,
                     journal::journal& notes)
    : executor_(executor),
      settings_(settings),
      journal_(notes),
      api_(reach_api(identity)),
      service_(executor, make_node_settings(), known_),
      subject_(api_.source(), known_, service_, kube::requirement_of(settings)) {}

node_role::api_parts node_role::reach_api(cluster_identity& identity) {
  auto& credentials = identity.credentials;
  auto access = make_api_settings(settings_, identity);
  api_parts parts{
      .calls = access.statistics,
      .pods = kube::create_node_pods_source(executor_, access, kube::requirement_of(settings_), credentials),
      .watches = kube::create_watch_source(executor_, access, credentials),
      .node = nullptr,
      .after_node = nullptr};
  if (!settings_.uses_node_drain()) return parts;
  auto made = leaving::make_node_watcher_settings(settings_, journal_, [this] { note_node(); });
  parts.node = std::make_unique<leaving::node_watcher>(executor_, std::move(made), std::move(access), credentials);
  parts.after_node =
      std::make_unique<leaving::node_pods_source_after_node>(*parts.pods, *parts.node, settings_.node_name);
  return parts;
}

node::node_settings node_role::make_node_settings() {
  return {.hold = {.stale_grace = settings_.stale_grace},
          .answer_timeout = settings_.answer_timeout,
          .statuses = kube::statuses_of(settings_),
          .log = [this](const journal::transition& now) { journal_.note(now); },
          .log_workload = [this](journal::log_line line) { journal_.write(std::move(line)); }};
}

/// Logs the cause here: the lines about workloads say that their node is leaving, not why.
void node_role::note_node() {
  const auto cause = api_.node->cause_of(settings_.node_name);
  const bool is_leaving = !cause.empty();
  if (service_.is_node_leaving() != is_leaving) {
    journal_.write({log::level::info,
                    is_leaving ? "the node is leaving: " + cause : "the node is not leaving any more",
                    {{"node", settings_.node_name}}});
  }
  service_.note_node(is_leaving);
}

void node_role::start() {
  watch_.emplace(executor_, watch::watch_machine{times_of_node(), random_fraction()}, subject_, *api_.watches,
                 [this](const watch::steps::notice& given) { journal_.note(given, boottime_clock::now()); });
  watch_->start();
  if (api_.node) api_.node->follow(settings_.node_name);  // what queries wait for goes first
}

/// The watch goes on: a workload that is not ready any more is down, and no drain.
void node_role::drain() {
  if (api_.node) api_.node->stop();
  service_.drain();
}

status::source_facts node_role::describe_source() const {
  status::source_facts made{.name = "node", .calls = api_.calls.get()};
  made.api_server = to_string(*settings_.api_server);
  made.watch = describe_watch(watch_, true);
  made.failure = service_.failure();
  if (api_.node) made.node = api_.node->describe();
  made.observed = known_.confirmed();
  auto& workloads = made.workloads.emplace();
  for (auto pods = known_.pods(); !pods.empty();) {
    const auto its_pods = health::first_workload(pods);
    const auto& [name_space, workload] = std::tie(pods.front().namespace_name, pods.front().workload);
    workloads.push_back({.namespace_name = name_space,
                         .name = workload,
                         .now = service_.current(name_space, workload),
                         .ready = judge_workload(its_pods, {}).ready,
                         .pods = its_pods.size()});
    pods = pods.subspan(its_pods.size());
  }
  return made;
}

}  // namespace sidecar::app
