#include "sidecar/config/options.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "sidecar/config/option_parsers.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::config {
namespace {

using namespace std::chrono_literals;

// What stands at the end of a row: the field, and how its value is read.

template <class Field, class Parser>
option_reader value(Field config::*field, Parser parse) {
  return [=](std::string_view text, config& settings) {
    auto outcome = parse(text);
    if (const auto* refused = std::get_if<refusal>(&outcome)) return refused->hint;
    settings.*field = std::get<0>(std::move(outcome));
    return std::string{};
  };
}

template <class Field>
using choices = std::vector<std::pair<std::string_view, Field>>;

template <class Field>
option_reader one_of(Field config::*field, const std::type_identity_t<choices<Field>>& accepted) {
  return value(field, [=](std::string_view text) -> parsed<Field> {
    std::string names;
    for (const auto& [name, meaning] : accepted) {
      if (text == name) return meaning;
      names.append(names.empty() ? "" : ", ").append(name);
    }
    return refusal{"write one of " + names + " (in lower case)"};
  });
}

template <class Field>
option_reader boolean(Field config::*field) {
  return one_of(field, {{"true", true}, {"false", false}});
}

option_reader duration(std::chrono::milliseconds config::*field, std::chrono::milliseconds min,
                       std::chrono::milliseconds max) {
  return value(field, [=](std::string_view text) { return parse_duration(text, min, max); });
}

option_reader path(std::string config::*field, std::string_view example) {
  return value(field, [=](std::string_view text) { return parse_path(text, example); });
}

parsed<std::string> any_text(std::string_view text) { return std::string{text}; }

constexpr std::string_view target = "Target";
constexpr std::string_view answers = "Answers";
constexpr std::string_view tls = "TLS";
constexpr std::string_view status = "Status port";
constexpr std::string_view api = "API server";
constexpr std::string_view logging = "Log";

// The defaults as --help shows them; a test compares them with those of config.hpp.
const auto& table() {
  using enum log::level;
  static const std::array rows{
      option{"MODE", target, "MODE", "sidecar",
             "sidecar: answers for one pod; node: for every labelled pod of a node, by paths",
             one_of(&config::mode, {{"sidecar", run_mode::sidecar}, {"node", run_mode::node}})},
      option{"NODE_NAME", target, "NAME", "",
             "with --mode=node: the node whose pods count (downward API: spec.nodeName)",
             value(&config::node_name, parse_node_name)},
      option{"TARGET_CONTAINER", target, "NAMES", "",
             "containers that must be ready, such as game,metrics; without it, all of the pod",
             value(&config::target_containers, parse_containers)},
      option{"REQUIRE", target, "WHAT", "containers",
             "containers: the containers must be ready; pod: the pod's Ready condition must be true",
             one_of(&config::require, {{"containers", requirement::containers}, {"pod", requirement::pod}})},
      option{"TARGET_POD_OVERRIDE", target, "NAME", "",
             "the pod whose readiness counts; without it, the pod of this process",
             value(&config::target_pod_override, parse_pod_name)},
      option{"TARGET_NAMESPACE", target, "NAME", "",
             "the pod's namespace; without it, the service account's, and with --mode=node all",
             value(&config::target_namespace, parse_namespace)},
      option{"STATE_OVERRIDE", target, "STATE", "",
             "true, in any case: always healthy; any other text: never; without any API request",
             value(&config::state_override, any_text)},
      option{"LISTEN", answers, "ADDRESS:PORT", "[::]:3000",
             "where to listen; :PORT is every address, IPv4 alone where there is no IPv6",
             value(&config::listen, parse_listen)},
      option{"UNHEALTHY_STATUS", answers, "STATUS", "500", "HTTP status when not healthy, 400 to 599",
             value(&config::unhealthy_status, parse_unhealthy_status)},
      option{"DRAIN_STATUS", answers, "STATUS", "",
             "HTTP status of a draining target that is still ready; without it, --unhealthy-status",
             value(&config::drain_status, parse_unhealthy_status)},
      option{"MAINTENANCE_LABEL", answers, "KEY", default_maintenance_label,
             "the pod's label that takes it out while its value is true; none: no label does",
             value(&config::maintenance_label, parse_maintenance_label)},
      option{"NODE_DRAIN", answers, "BOOL", "",
             "true: a target on a node that is leaving drains; without it, with --mode=node alone",
             boolean(&config::node_drain)},
      option{"NODE_DRAIN_TAINTS", answers, "KEYS", default_drain_taints,
             "taints of a node that is leaving, such as a.example/gone,spot; none: no taint is",
             value(&config::node_drain_taints, parse_drain_taints)},
      option{"ANSWER_TIMEOUT", answers, "DURATION", "900ms", "the maximum time to an answer, 10ms to 1m",
             duration(&config::answer_timeout, 10ms, 1min)},
      option{"STALE_GRACE", answers, "DURATION", "30s",
             "how long to serve the last known state during an API outage, 0 to 1h",
             duration(&config::stale_grace, 0ms, 1h)},
      option{"DRAIN", answers, "DURATION", "8s",
             "how long to answer not healthy after SIGTERM before the exit, 0 to 1h",
             duration(&config::drain, 0ms, 1h)},
      option{"AGENT_LISTEN", answers, "ADDRESS:PORT", "", "where to answer HAProxy's agent checks; without it, nowhere",
             value(&config::agent_listen, parse_listen)},
      option{"TLS_CERT", tls, "PATH", "", "certificate chain of --listen's port (PEM); without it, plain HTTP",
             path(&config::tls_cert, "/tls/tls.crt")},
      option{"TLS_KEY", tls, "PATH", "",
             "the certificate's private key (PEM); without it, the key is in the file of --tls-cert",
             path(&config::tls_key, "/tls/tls.key")},
      option{"TLS_CLIENT_CA", tls, "PATH", "", "CA bundle (PEM); clients must present a certificate that it issued",
             path(&config::tls_client_ca, "/tls/ca.crt")},
      option{"STATUS_LISTEN", status, "ADDRESS:PORT", "",
             "where to serve metrics and the status page, such as 127.0.0.1:3002; without it, nowhere",
             value(&config::status_listen, parse_status_listen)},
      option{"STATUS_PAGE", status, "BOOL", "true",
             "true: pod, clients and options at / and /status; false: /metrics, /livez and /readyz alone",
             boolean(&config::status_page)},
      option{"STATUS_HOSTS", status, "NAMES", "",
             "DNS names in URLs of the status port, such as a.example,b.example; addresses always work",
             value(&config::status_hosts, parse_status_hosts)},
      option{"SOURCE", api, "SOURCE", "live",
             "live: a GET per query, shared; watch: a cache that a watch keeps current",
             one_of(&config::source, {{"live", source_mode::live}, {"watch", source_mode::watch}})},
      option{"API_SERVER", api, "URL", "",
             "https://host[:port], http:// on loopback; without it, KUBERNETES_SERVICE_HOST and _PORT",
             value(&config::api_server, parse_api_url)},
      option{"API_TIMEOUT", api, "DURATION", "2500ms", "the maximum time of one API call, 10ms to 1m",
             duration(&config::api_timeout, 10ms, 1min)},
      option{"API_QPS", api, "RATE", "10",
             "maximum API calls per second; 0: no limit; 1/RATE is at most half of --answer-timeout",
             value(&config::api_qps, parse_rate)},
      option{"SERVICE_ACCOUNT_DIR", api, "PATH", "/var/run/secrets/kubernetes.io/serviceaccount",
             "directory of token, ca.crt and namespace",
             path(&config::service_account_dir, "/var/run/secrets/kubernetes.io/serviceaccount")},
      option{"LOG_LEVEL", logging, "LEVEL", "info", "debug, info, warn or error",
             one_of(&config::log_level, {{"debug", debug}, {"info", info}, {"warn", warn}, {"error", error}})},
      option{"LOG_FORMAT", logging, "FORMAT", "text", "text, or json for collectors",
             one_of(&config::log_format, {{"text", log::format::text}, {"json", log::format::json}})},
  };
  return rows;
}

}  // namespace

std::span<const option> options() { return table(); }

}  // namespace sidecar::config
