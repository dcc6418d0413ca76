#include "sidecar/app/pod_role.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "sidecar/app/api_access.hpp"
#include "sidecar/app/state_override.hpp"
#include "sidecar/app/watch_facts.hpp"
#include "sidecar/base/random_fraction.hpp"
#include "sidecar/doctor/spec_errors.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

/// The fetch interval of a drain that load balancers can distinguish from down.
constexpr std::chrono::milliseconds between_drain_fetches{500};

}  // namespace

pod_role::pod_role(const asio::any_io_executor& executor, const config::config& settings, cluster_identity* identity,
                   journal::journal& notes)
    : executor_(executor),
      settings_(settings),
      journal_(notes),
      api_(reach_api(identity)),
      health_(executor, make_health_settings(identity), api_.pods()) {
  // Nothing is fetched, so nothing else would say what is answered.
  if (const auto forced = override_of(settings_)) journal_.note({.given = {*forced}, .cause = forced->reason});
}

pod_role::api_parts pod_role::reach_api(cluster_identity* identity) {
  if (identity == nullptr) return {};
  auto& credentials = identity->credentials;
  auto made = make_api_settings(settings_, *identity);
  made.on_first_pod = [this](std::string json) { review_spec(std::move(json)); };
  api_parts parts{.calls = made.statistics,
                  .client = kube::create_api_client(executor_, made, credentials),
                  .watches = settings_.watches() ? kube::create_watch_source(executor_, made, credentials) : nullptr,
                  .node = settings_.uses_node_drain() ? watch_node(made, *identity) : nullptr,
                  .pod = nullptr};
  if (parts.node) parts.pod = std::make_unique<leaving::pod_source_after_node>(*parts.client, *parts.node);
  return parts;
}

std::unique_ptr<leaving::node_watcher> pod_role::watch_node(const kube::api_client_settings& access,
                                                            cluster_identity& identity) {
  auto made = leaving::make_node_watcher_settings(settings_, journal_, [this] { note_node(); });
  return std::make_unique<leaving::node_watcher>(executor_, std::move(made), access, identity.credentials);
}

/// After the queries that wait for this response.
void pod_role::review_spec(std::string json) {
  asio::post(executor_, [this, json = std::move(json)] {
    for (auto& found : doctor::find_spec_errors(json, settings_)) {
      journal_.write({log::level::warn,
                      "configuration error in the pod's spec",
                      {{"detail", std::move(found.what)}, {"hint", std::move(found.hint)}}});
    }
  });
}

pod::health_settings pod_role::make_health_settings(const cluster_identity* identity) {
  pod::health_settings made{.answers = {.override_verdict = override_of(settings_),
                                        .containers = settings_.target_containers,
                                        .require = kube::requirement_of(settings_),
                                        .hold = {.stale_grace = settings_.stale_grace}},
                            .answer_timeout = settings_.answer_timeout,
                            .log = [this](const journal::transition& now) { journal_.note(now); }};
  made.fetches_at_start = settings_.status_listen.has_value() || api_.node;
  const bool reports_drain = settings_.drain_status != settings_.unhealthy_status || settings_.agent_listen;
  if (reports_drain) made.drain_fetch = between_drain_fetches;
  if (identity == nullptr) return made;
  if (api_.node) made.answers.node_drain = [this](auto node) { return api_.node->cause_of(node); };
  if (api_.watches) made.answers.source = watch::steps::source::cache;
  made.answers.bound_uid = [identity] { return kube::bound_uid(identity->target.pod, identity->credentials.claims()); };
  return made;
}

void pod_role::note_node() {
  if (subject_) subject_->note_node();
  health_.reevaluate();
}

void pod_role::start() {
  asio::co_spawn(executor_, health_.run(), net::rethrow);
  if (!api_.watches) return;
  subject_.emplace(*api_.pods(), health_, api_.node.get());
  watch_.emplace(executor_, watch::watch_machine{watch::watch_times{}, random_fraction()}, *subject_, *api_.watches,
                 [this](const watch::steps::notice& given) { journal_.note(given, boottime_clock::now()); });
  watch_->start();
}

void pod_role::drain() {
  if (watch_) watch_->stop();
  if (api_.node) api_.node->stop();
  health_.drain();
}

status::source_facts pod_role::describe_source() const {
  const auto& cache = health_.cache();
  const bool is_cache = cache.serving() == watch::steps::source::cache;
  status::source_facts made{.name = !api_.client ? "override" : is_cache ? "watch" : "live", .calls = api_.calls.get()};
  made.watch = describe_watch(watch_, is_cache);
  if (!api_.client) return made;
  made.api_server = to_string(*settings_.api_server);
  made.failure = cache.problem();
  if (api_.node) made.node = api_.node->describe();
  if (const auto& known = cache.snapshot()) {
    made.pod = &known->snapshot.state;
    made.observed = known->snapshot.observed;
  }
  return made;
}

}  // namespace sidecar::app
