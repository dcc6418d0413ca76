#include "sidecar/status/document.hpp"

#include "sidecar/base/json_writer.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/status/describe_client.hpp"
#include "sidecar/status/describe_pod.hpp"
#include "sidecar/status/json_time.hpp"

namespace sidecar::status {
namespace {

using health::reason;

void write_meaning(json::writer& out, reason why, std::string_view meaning, std::string_view advice) {
  out.key("reason").text(name(why));
  out.key("meaning").text(meaning);
  out.key("advice").text(advice);
}

void write_meaning(json::writer& out, reason why) { write_meaning(out, why, meaning(why), advice(why)); }

void write_held(json::writer& out, const health::answer& given) {
  out.key("held_seconds");
  given.held ? out.number(given.held->count()) : out.null();
}

void write_answer(json::writer& out, const facts& known) {
  const auto& [now, detail, since, changes] = known.answer;
  out.open_object();
  out.key("status").number(status_of(now.verdict, known.statuses));
  out.key("healthy").boolean(now.verdict.state == health::state::healthy);
  write_meaning(out, now.verdict.reason);
  out.key("detail").text(detail);
  write_time(out.key("since"), since);
  write_held(out, now);
  out.key("changes").number(changes);
  out.close_object();
}

void write_failure(json::writer& out, const std::optional<reason>& failure) {
  if (!failure) return out.null();
  out.open_object();
  write_meaning(out, *failure);
  out.close_object();
}

void write_snapshot(json::writer& out, const facts& known) {
  const auto& source = known.source;
  out.open_object();
  out.key("source").text(source.name);
  out.key("observed");
  source.observed ? write_time(out, known.now.at(*source.observed)) : out.null();
  out.key("age_seconds");
  source.observed ? write_seconds(out, known.now.boot - *source.observed) : out.null();
  write_failure(out.key("failure"), source.failure);
  out.close_object();
}

void write_workloads(json::writer& out, const facts& known) {
  if (!known.source.workloads) return out.null();
  out.open_array();
  for (const auto& one : *known.source.workloads) {
    out.open_object();
    out.key("namespace").text(one.namespace_name);
    out.key("name").text(one.name);
    out.key("status").number(status_of(one.now.verdict, known.statuses));
    out.key("reason").text(name(one.now.verdict.reason));
    out.key("held").boolean(one.now.held.has_value());
    out.key("ready").number(one.ready);
    out.key("pods").number(one.pods);
    out.close_object();
  }
  out.close_array();
}

void write_node_failure(json::writer& out, const std::optional<reason>& failure) {
  if (failure != reason::api_forbidden) return write_failure(out, failure);
  out.open_object();
  write_meaning(out, *failure, "the token may not read the node (403)",
                "grant the pod's service account `get`, `list` and `watch` on `nodes` by a ClusterRole "
                "(deploy/components/node-drain)");
  out.close_object();
}

void write_node(json::writer& out, const facts& known) {
  const auto& node = known.source.node;
  if (!node || node->name.empty()) return out.null();
  out.open_object();
  out.key("name").text(node->name);
  out.key("draining");
  node->drain_cause ? out.boolean(!node->drain_cause->empty()) : out.null();
  out.key("cause").text(node->drain_cause.value_or(std::string{}));
  out.key("observed");
  node->observed ? write_time(out, known.now.at(*node->observed)) : out.null();
  write_node_failure(out.key("failure"), node->failure);
  out.close_object();
}

void write_past(json::writer& out, const facts& known) {
  out.open_array();
  for (const auto& one : known.past) {
    out.open_object();
    write_time(out.key("at"), one.at);
    out.key("status").number(status_of(one.given.verdict, known.statuses));
    out.key("reason").text(name(one.given.verdict.reason));
    out.key("held").boolean(one.given.held.has_value());
    out.key("detail").text(one.detail);
    out.close_object();
  }
  out.close_array();
}

constexpr std::string_view success = "success";

void write_last_call(json::writer& out, const facts& known) {
  const auto& last = known.source.calls->last;
  if (!last) return out.null();
  out.open_object();
  out.key("verb").text(kube::name(last->what));
  write_time(out.key("at"), known.now.at(last->started));
  write_seconds(out.key("seconds"), last->took);
  out.key("result").text(last->failure ? name(*last->failure) : success);
  out.close_object();
}

void write_count(json::writer& out, const facts& known, kube::verb what, std::optional<reason> failure) {
  const auto count = known.source.calls->count(what, failure);
  if (count == 0) return;
  out.open_object();
  out.key("verb").text(kube::name(what));
  out.key("result").text(failure ? name(*failure) : success);
  out.key("count").number(count);
  out.close_object();
}

void write_api(json::writer& out, const facts& known) {
  if (!known.source.calls) return out.null();
  out.open_object();
  out.key("server").text(known.source.api_server);
  out.key("last");
  write_last_call(out, known);
  out.key("requests").open_array();
  for (const auto verb : kube::verbs) {
    write_count(out, known, verb, {});
    for (const auto why : kube::call_failures) write_count(out, known, verb, why);
  }
  out.close_array();
  out.close_object();
}

void write_watch(json::writer& out, const watch_facts& watch) {
  if (watch.state == watch_state::off) return out.null();
  out.open_object();
  out.key("used").boolean(watch.state == watch_state::used);
  out.key("missed_events").number(watch.missed_events);
  out.key("restarts").open_array();
  for (const auto& one : watch.restarts) {
    out.open_object();
    out.key("cause").text(one.name);
    out.key("count").number(one.count);
    out.close_object();
  }
  out.close_array();
  out.close_object();
}

void write_expiry(json::writer& out, const expiry_facts& expiry) {
  out.open_object();
  write_time(out.key("token"), expiry.token);
  write_time(out.key("certificate"), expiry.certificate);
  out.close_object();
}

void write_configuration(json::writer& out, const facts& known) {
  out.open_array();
  for (const auto& [option, value] : *known.configuration) {
    out.open_object();
    out.key("name").text(option);
    out.key("value").text(value);
    out.close_object();
  }
  out.close_array();
}

}  // namespace

std::string render_document(const facts& known) {
  json::writer out;
  out.open_object();
  out.key("version").text(version);
  write_time(out.key("now"), known.now.wall);
  write_time(out.key("started"), known.started);
  out.key("ready").boolean(known.is_ready());
  write_answer(out.key("answer"), known);
  write_snapshot(out.key("snapshot"), known);
  write_pod(out.key("pod"), known.source.pod);
  write_node(out.key("node"), known);
  write_workloads(out.key("workloads"), known);
  write_past(out.key("transitions"), known);
  write_clients(out.key("clients"), known.clients, known.now);
  write_api(out.key("api"), known);
  write_watch(out.key("watch"), known.source.watch);
  write_expiry(out.key("expiry"), known.expiry);
  write_configuration(out.key("configuration"), known);
  out.close_object();
  return out.take();
}

}  // namespace sidecar::status
