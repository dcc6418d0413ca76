#include "sidecar/status/document.hpp"

#include "sidecar/base/json_writer.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/status/describe_client.hpp"
#include "sidecar/status/describe_pod.hpp"

namespace sidecar::status {
namespace {

using health::reason;

void write_meaning(json::writer& out, reason why, std::string_view meaning, std::string_view advice) {
  out.member("reason", name(why));
  out.member("meaning", meaning);
  out.member("advice", advice);
}

void write_meaning(json::writer& out, reason why) { write_meaning(out, why, meaning(why), advice(why)); }

std::optional<wall_time> wall_time_of(std::optional<time_point> when, const facts& known) {
  return when ? std::optional{known.now.at(*when)} : std::nullopt;
}

void write_answer(json::writer& out, const facts& known) {
  const auto& now = known.answer.now;
  out.object([&] {
    out.member("status", status_of(now.verdict, known.statuses));
    out.member("healthy", now.verdict.state == health::state::healthy);
    write_meaning(out, now.verdict.reason);
    out.member("detail", known.answer.detail);
    out.member("since", known.answer.since);
    out.member("held_seconds", now.held);
    out.member("changes", known.answer.changes);
  });
}

void write_failure(json::writer& out, const std::optional<reason>& failure) {
  if (!failure) return out.null();
  out.object([&] { write_meaning(out, *failure); });
}

void write_snapshot(json::writer& out, const facts& known) {
  const auto& source = known.source;
  out.object([&] {
    out.member("source", source.name);
    out.member("observed", wall_time_of(source.observed, known));
    out.member("age_seconds", source.observed ? std::optional{known.now.boot - *source.observed} : std::nullopt);
    write_failure(out.key("failure"), source.failure);
  });
}

void write_workloads(json::writer& out, const facts& known) {
  if (!known.source.workloads) return out.null();
  out.objects(*known.source.workloads, [&](const workload_facts& one) {
    out.member("namespace", one.namespace_name);
    out.member("name", one.name);
    out.member("status", status_of(one.now.verdict, known.statuses));
    out.member("reason", name(one.now.verdict.reason));
    out.member("held", one.now.held.has_value());
    out.member("ready", one.ready);
    out.member("pods", one.pods);
  });
}

void write_node_failure(json::writer& out, const std::optional<reason>& failure) {
  if (failure != reason::api_forbidden) return write_failure(out, failure);
  out.object([&] {
    write_meaning(out, *failure, "the token may not read the node (403)",
                  "grant the pod's service account `get`, `list` and `watch` on `nodes` by a ClusterRole "
                  "(deploy/components/node-drain)");
  });
}

void write_node(json::writer& out, const facts& known) {
  const auto& node = known.source.node;
  if (!node || node->name.empty()) return out.null();
  const auto& cause = node->drain_cause;
  out.object([&] {
    out.member("name", node->name);
    out.member("draining", cause ? std::optional{!cause->empty()} : std::nullopt);
    out.member("cause", cause.value_or(std::string{}));
    out.member("observed", wall_time_of(node->observed, known));
    write_node_failure(out.key("failure"), node->failure);
  });
}

void write_past(json::writer& out, const facts& known) {
  out.objects(known.past, [&](const past_answer& one) {
    out.member("at", one.at);
    out.member("status", status_of(one.given.verdict, known.statuses));
    out.member("reason", name(one.given.verdict.reason));
    out.member("held", one.given.held.has_value());
    out.member("detail", one.detail);
  });
}

std::string_view result_of(std::optional<reason> failure) { return failure ? name(*failure) : "success"; }

void write_last_call(json::writer& out, const facts& known) {
  const auto& last = known.source.calls->last;
  if (!last) return out.null();
  out.object([&] {
    out.member("verb", kube::name(last->what));
    out.member("at", known.now.at(last->started));
    out.member("seconds", last->took);
    out.member("result", result_of(last->failure));
  });
}

void write_count(json::writer& out, const facts& known, kube::verb what, std::optional<reason> failure) {
  const auto count = known.source.calls->count(what, failure);
  if (count == 0) return;
  out.object([&] {
    out.member("verb", kube::name(what));
    out.member("result", result_of(failure));
    out.member("count", count);
  });
}

void write_api(json::writer& out, const facts& known) {
  if (!known.source.calls) return out.null();
  out.object([&] {
    out.member("server", known.source.api_server);
    write_last_call(out.key("last"), known);
    out.key("requests").array([&] {
      for (const auto verb : kube::verbs) {
        write_count(out, known, verb, {});
        for (const auto why : kube::call_failures) write_count(out, known, verb, why);
      }
    });
  });
}

void write_watch(json::writer& out, const watch_facts& watch) {
  if (watch.state == watch_state::off) return out.null();
  out.object([&] {
    out.member("used", watch.state == watch_state::used);
    out.member("missed_events", watch.missed_events);
    out.key("restarts").objects(watch.restarts, [&](const counted& one) {
      out.member("cause", one.name);
      out.member("count", one.count);
    });
  });
}

void write_expiry(json::writer& out, const expiry_facts& expiry) {
  out.object([&] {
    out.member("token", expiry.token);
    out.member("certificate", expiry.certificate);
  });
}

void write_configuration(json::writer& out, const facts& known) {
  out.objects(*known.configuration, [&](const auto& option) {
    out.member("name", option.first);
    out.member("value", option.second);
  });
}

}  // namespace

std::string render_document(const facts& known) {
  json::writer out;
  out.object([&] {
    out.member("version", version);
    out.member("now", known.now.wall);
    out.member("started", known.started);
    out.member("ready", known.is_ready());
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
  });
  return out.take();
}

}  // namespace sidecar::status
