#include "sidecar/status/metrics.hpp"

#include <array>
#include <limits>
#include <map>
#include <set>

#include "sidecar/base/number_text.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/status/exposition.hpp"

namespace sidecar::status {
namespace {

using health::reason;
using type = exposition::type;

constexpr std::chrono::minutes recent{1};

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }
double timestamp(wall_time when) { return std::chrono::duration<double>(when.time_since_epoch()).count(); }
double timestamp(std::optional<wall_time> when) { return when ? timestamp(*when) : 0; }

/// Without trailing zeros, as people write bounds: 0.0025.
std::string bound_text(std::chrono::nanoseconds bound) { return shortest_text(seconds(bound)); }

void write_answer(exposition& out, const facts& known) {
  const auto verdict = known.answer.now.verdict;
  out.begin("healthcheck_sidecar_build_info", type::gauge, "The version; always 1.");
  out.sample(1.0, {{"version", version}});
  out.begin("healthcheck_sidecar_healthy", type::gauge,
            "1 if load balancers get 200 by what was last learnt of the pod, else 0.");
  out.sample(verdict.state == health::state::healthy ? 1.0 : 0.0);
  out.begin("healthcheck_sidecar_verdict", type::gauge, "1 for the reason of that answer, 0 for every other.");
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < health::reason_count; ++i) names.insert(name(static_cast<reason>(i)));
  for (const auto one : names) out.sample(one == name(verdict.reason) ? 1.0 : 0.0, {{"reason", one}});
  out.begin("healthcheck_sidecar_verdict_changes_total", type::counter, "Changes of the answer since the start.");
  out.sample(known.answer.changes);
}

/// Two kinds of answers may have the same status.
void write_responses(exposition& out, const facts& known) {
  using kind = http::answer_kind;
  const auto& counts = *known.clients.counts;
  out.begin("healthcheck_sidecar_responses_total", type::counter, "Answers about the target's health, by status.");
  for (const bool held : {false, true}) {
    std::map<unsigned, std::uint64_t> by_status;
    by_status[200] += counts.answered(kind::healthy, held);
    by_status[known.statuses.down] += counts.answered(kind::unhealthy, held);
    by_status[known.statuses.drain] += counts.answered(kind::drain, held);
    for (const auto& [code, count] : by_status) {
      out.sample(count, {{"code", std::to_string(code)}, {"held", held ? "true" : "false"}});
    }
  }
}

void write_clients(exposition& out, const facts& known) {
  const auto& counts = *known.clients.counts;
  write_responses(out, known);
  out.begin("healthcheck_sidecar_requests_refused_total", type::counter,
            "Requests that are no health check, by the status of their answer.");
  for (const auto code : http::refusal_statuses) out.sample(counts.refused(code), {{"code", std::to_string(code)}});
  out.begin("healthcheck_sidecar_connections", type::gauge, "Open connections of the health port and the agent port.");
  out.sample(std::uint64_t{known.clients.connections});
  out.begin("healthcheck_sidecar_connections_evicted_total", type::counter,
            "Connections that were closed for another one at the limit.");
  out.sample(counts.evicted);
  out.begin("healthcheck_sidecar_tls_handshake_failures_total", type::counter, "TLS handshakes that failed.");
  out.sample(counts.handshake_failures);
  out.begin("healthcheck_sidecar_clients", type::gauge,
            "Addresses that sent a request or an agent check in the last minute; 32 at most.");
  const auto& records = known.clients.records;
  out.sample(std::uint64_t{records ? records->active(known.now.steady, recent) : 0});
}

void write_snapshot(exposition& out, const facts& known) {
  const auto& source = known.source;
  out.begin("healthcheck_sidecar_snapshot_timestamp_seconds", type::gauge,
            "When the pod's state was last known to be current; 0 before the first.");
  out.sample(source.observed ? timestamp(known.now.at(*source.observed)) : 0);
  out.begin("healthcheck_sidecar_snapshot_age_seconds", type::gauge, "The age of the pod's state; NaN without one.");
  out.sample(source.observed ? seconds(known.now.boot - *source.observed) : std::numeric_limits<double>::quiet_NaN());
}

void write_counts(exposition& out, const kube::call_statistics& calls) {
  for (const auto verb : kube::verbs) {
    out.sample(calls.count(verb, {}), {{"verb", kube::name(verb)}, {"result", "success"}});
    for (const auto why : kube::call_failures) {
      out.sample(calls.count(verb, why), {{"verb", kube::name(verb)}, {"result", name(why)}});
    }
  }
}

void write_calls(exposition& out, const kube::call_statistics& calls) {
  out.begin("healthcheck_sidecar_api_requests_total", type::counter,
            "Calls to the API server, by verb and result; a call includes its retries.");
  write_counts(out, calls);
  constexpr std::string_view duration = "healthcheck_sidecar_api_request_duration_seconds";
  out.begin(duration, type::histogram, "The time of a GET or LIST with its connection, waits and retries.");
  const auto& spread = calls.durations;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < spread.bounds.size(); ++i) {
    total += spread.buckets[i];
    out.sample(total, {{"le", bound_text(spread.bounds[i])}}, "_bucket");
  }
  out.sample(spread.count, {{"le", "+Inf"}}, "_bucket");
  out.sample(seconds(spread.sum), {}, "_sum");
  out.sample(spread.count, {}, "_count");
}

void write_watch(exposition& out, const watch_facts& watch) {
  out.begin("healthcheck_sidecar_watch_restarts_total", type::counter,
            "Watches that ended and were followed by another, by cause.");
  for (const auto& one : watch.restarts) out.sample(one.count, {{"cause", one.name}});
  out.begin("healthcheck_sidecar_watch_missed_events_total", type::counter,
            "Changes that a LIST found and the watch had not delivered.");
  out.sample(watch.missed_events);
}

/// Nothing while nothing is known of the node: 0 would say that it is not leaving.
void write_node(exposition& out, const facts& known) {
  const auto& source = known.source;
  if (!source.node) return;
  if (source.node->drain_cause) {
    out.begin("healthcheck_sidecar_node_draining", type::gauge, "1 if the target's node is leaving, else 0.");
    out.sample(source.node->drain_cause->empty() ? 0.0 : 1.0);
  }
  out.begin("healthcheck_sidecar_node_timestamp_seconds", type::gauge,
            "When the node's state was last known to be current; 0 before the first.");
  out.sample(source.node->observed ? timestamp(known.now.at(*source.node->observed)) : 0);
  out.begin("healthcheck_sidecar_node_requests_total", type::counter,
            "Calls to the API server about the node itself, by verb and result.");
  write_counts(out, *source.node->calls);
}

void write_workloads(exposition& out, const source_facts& source) {
  if (!source.workloads) return;
  out.begin("healthcheck_sidecar_workloads", type::gauge, "Workloads with a pod on this node.");
  out.sample(std::uint64_t{source.workloads->size()});
  out.begin("healthcheck_sidecar_workload_healthy", type::gauge,
            "1 if load balancers get 200 for the workload, else 0.");
  for (const auto& one : *source.workloads) {
    out.sample(one.now.verdict.state == health::state::healthy ? 1.0 : 0.0,
               {{"namespace", one.namespace_name}, {"workload", one.name}});
  }
}

void write_expiry(exposition& out, const expiry_facts& expiry) {
  out.begin("healthcheck_sidecar_token_expiry_timestamp_seconds", type::gauge,
            "When the service account's token expires; 0 without one.");
  out.sample(timestamp(expiry.token));
  out.begin("healthcheck_sidecar_tls_certificate_expiry_timestamp_seconds", type::gauge,
            "When the health port's certificate expires; 0 without one.");
  out.sample(timestamp(expiry.certificate));
}

void write_process(exposition& out, const process_usage& usage) {
  out.begin("process_cpu_seconds_total", type::counter, "Processor time, user and system.");
  out.sample(usage.cpu_seconds);
  out.begin("process_resident_memory_bytes", type::gauge, "Resident memory.");
  out.sample(usage.resident_bytes);
  out.begin("process_virtual_memory_bytes", type::gauge, "Virtual memory.");
  out.sample(usage.virtual_bytes);
  out.begin("process_open_fds", type::gauge, "Open file descriptors.");
  out.sample(usage.open_files);
  out.begin("process_max_fds", type::gauge, "The limit of open file descriptors.");
  out.sample(usage.max_files);
  out.begin("process_start_time_seconds", type::gauge, "When the process started.");
  out.sample(usage.start_time);
}

}  // namespace

std::string render_metrics(const facts& known, const process_usage& usage) {
  exposition out;
  write_answer(out, known);
  write_clients(out, known);
  write_snapshot(out, known);
  static const kube::call_statistics no_calls;
  write_calls(out, known.source.calls ? *known.source.calls : no_calls);
  write_watch(out, known.source.watch);
  write_node(out, known);
  write_workloads(out, known.source);
  write_expiry(out, known.expiry);
  write_process(out, usage);
  return out.take();
}

}  // namespace sidecar::status
