#include "sidecar/config/options.hpp"

#include <array>

#include "sidecar/config/option_readers.hpp"

namespace sidecar::config {
namespace {

constexpr std::string_view target = "Target";
constexpr std::string_view answers = "Answers";
constexpr std::string_view tls = "TLS";
constexpr std::string_view status = "Status port";
constexpr std::string_view api = "API server";
constexpr std::string_view logging = "Log";

// The defaults as --help shows them; a test compares them with those of config.hpp.
constexpr std::array table{
    option{"MODE", target, "MODE", "sidecar",
           "sidecar: answers for one pod; node: for every labelled pod of a node, by paths", read_mode},
    option{"NODE_NAME", target, "NAME", "", "with --mode=node: the node whose pods count (downward API: spec.nodeName)",
           read_node_name},
    option{"TARGET_CONTAINER", target, "NAMES", "",
           "containers that must be ready, such as game,metrics; without it, all of the pod", read_containers},
    option{"REQUIRE", target, "WHAT", "containers",
           "containers: the containers must be ready; pod: the pod's Ready condition must be true", read_require},
    option{"TARGET_POD_OVERRIDE", target, "NAME", "",
           "the pod whose readiness counts; without it, the pod of this process", read_pod},
    option{"TARGET_NAMESPACE", target, "NAME", "",
           "the pod's namespace; without it, the service account's, and with --mode=node all", read_namespace},
    option{"STATE_OVERRIDE", target, "STATE", "",
           "true, in any case: always healthy; any other text: never; without any API request", read_state_override},
    option{"LISTEN", answers, "ADDRESS:PORT", "[::]:3000",
           "where to listen; :PORT is every address, IPv4 alone where there is no IPv6", read_listen},
    option{"UNHEALTHY_STATUS", answers, "STATUS", "500", "HTTP status when not healthy, 400 to 599",
           read_unhealthy_status},
    option{"DRAIN_STATUS", answers, "STATUS", "",
           "HTTP status of a draining target that is still ready; without it, --unhealthy-status", read_drain_status},
    option{"MAINTENANCE_LABEL", answers, "KEY", default_maintenance_label,
           "the pod's label that takes it out while its value is true; none: no label does", read_maintenance_label},
    option{"NODE_DRAIN", answers, "BOOL", "",
           "true: a target on a node that is leaving drains; without it, with --mode=node alone", read_node_drain},
    option{"NODE_DRAIN_TAINTS", answers, "KEYS", default_drain_taints,
           "taints of a node that is leaving, such as a.example/gone,spot; none: no taint is", read_node_drain_taints},
    option{"ANSWER_TIMEOUT", answers, "DURATION", "900ms", "the maximum time to an answer, 10ms to 1m",
           read_answer_timeout},
    option{"STALE_GRACE", answers, "DURATION", "30s",
           "how long to serve the last known state during an API outage, 0 to 1h", read_stale_grace},
    option{"DRAIN", answers, "DURATION", "8s", "how long to answer not healthy after SIGTERM before the exit, 0 to 1h",
           read_drain},
    option{"AGENT_LISTEN", answers, "ADDRESS:PORT", "", "where to answer HAProxy's agent checks; without it, nowhere",
           read_agent_listen},
    option{"TLS_CERT", tls, "PATH", "", "certificate chain of --listen's port (PEM); without it, plain HTTP",
           read_tls_cert},
    option{"TLS_KEY", tls, "PATH", "",
           "the certificate's private key (PEM); without it, the key is in the file of --tls-cert", read_tls_key},
    option{"TLS_CLIENT_CA", tls, "PATH", "", "CA bundle (PEM); clients must present a certificate that it issued",
           read_tls_client_ca},
    option{"STATUS_LISTEN", status, "ADDRESS:PORT", "",
           "where to serve metrics and the status page, such as 127.0.0.1:3002; without it, nowhere",
           read_status_listen},
    option{"STATUS_PAGE", status, "BOOL", "true",
           "true: pod, clients and options at / and /status; false: /metrics, /livez and /readyz alone",
           read_status_page},
    option{"STATUS_HOSTS", status, "NAMES", "",
           "DNS names in URLs of the status port, such as a.example,b.example; addresses always work",
           read_status_hosts},
    option{"SOURCE", api, "SOURCE", "live", "live: a GET per query, shared; watch: a cache that a watch keeps current",
           read_source},
    option{"API_SERVER", api, "URL", "",
           "https://host[:port], http:// on loopback; without it, KUBERNETES_SERVICE_HOST and _PORT", read_api_server},
    option{"API_TIMEOUT", api, "DURATION", "2500ms", "the maximum time of one API call, 10ms to 1m", read_api_timeout},
    option{"API_QPS", api, "RATE", "10",
           "maximum API calls per second; 0: no limit; 1/RATE is at most half of --answer-timeout", read_api_qps},
    option{"SERVICE_ACCOUNT_DIR", api, "PATH", "/var/run/secrets/kubernetes.io/serviceaccount",
           "directory of token, ca.crt and namespace", read_service_account_dir},
    option{"LOG_LEVEL", logging, "LEVEL", "info", "debug, info, warn or error", read_log_level},
    option{"LOG_FORMAT", logging, "FORMAT", "text", "text, or json for collectors", read_log_format},
};

}  // namespace

std::span<const option> options() noexcept { return table; }

}  // namespace sidecar::config
