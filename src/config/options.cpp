#include "sidecar/config/options.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sidecar/base/ascii.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::config {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

template <class T>
std::string store(parsed<T> outcome, T& output) {
  if (const auto* refused = std::get_if<refusal>(&outcome)) return refused->hint;
  output = std::get<T>(std::move(outcome));
  return {};
}

template <class T>
std::string choose(std::string_view value, std::initializer_list<std::pair<std::string_view, T>> choices, T& output) {
  std::string accepted = "write one of";
  for (const auto& [name, meaning] : choices) {
    if (value == name) {
      output = meaning;
      return {};
    }
    accepted.append(accepted.ends_with("of") ? " " : ", ").append(name);
  }
  return accepted + " (in lower case)";
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    out.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  out.emplace_back(text);
  return out;
}

std::string read_containers(std::string_view value, config& settings) {
  std::vector<std::string> sorted = split_list(to_lower(value));
  std::ranges::sort(sorted);
  if (!std::ranges::all_of(sorted, is_dns1123_label)) {
    return "write a container's name as in the pod's spec: at most 63 letters, digits and '-', with a letter or digit "
           "at both ends; several of them with commas and without blanks, as in game,metrics";
  }
  if (const auto duplicate = std::ranges::adjacent_find(sorted); duplicate != sorted.end()) {
    return "write each container's name once: " + *duplicate + " is there twice";
  }
  settings.target_containers = split_list(value);
  return {};
}

std::string read_require(std::string_view value, config& settings) {
  return choose(value, {{"containers", requirement::containers}, {"pod", requirement::pod}}, settings.require);
}

std::string read_pod(std::string_view value, config& settings) {
  if (!is_dns1123_subdomain(value)) {
    return "write a pod's name as kubectl shows it, such as web-0: at most 253 lower-case letters, digits, '-' and '.'";
  }
  settings.target_pod_override = value;
  return {};
}

std::string read_namespace(std::string_view value, config& settings) {
  if (!is_dns1123_label(value)) {
    return "write a namespace's name as kubectl shows it, such as default: at most 63 lower-case letters, digits and "
           "'-'";
  }
  settings.target_namespace = value;
  return {};
}

std::string read_state_override(std::string_view value, config& settings) {
  settings.state_override = value;
  return {};
}

std::string read_listen(std::string_view value, config& settings) {
  return store(parse_listen(value), settings.listen);
}

std::string read_agent_listen(std::string_view value, config& settings) {
  return store(parse_listen(value), settings.agent_listen.emplace());
}

std::string read_status(std::string_view value, unsigned& output) {
  const auto status = parse_digits(value);
  if (!status || *status < 400 || *status > 599) return "write a status from 400 to 599, such as 500 or 503";
  output = static_cast<unsigned>(*status);
  return {};
}

std::string read_unhealthy_status(std::string_view value, config& settings) {
  return read_status(value, settings.unhealthy_status);
}

std::string read_drain_status(std::string_view value, config& settings) {
  return read_status(value, settings.drain_status);
}

std::string read_maintenance_label(std::string_view value, config& settings) {
  if (!is_label_key(value)) {
    return "write a label's key, such as " + std::string{default_maintenance_label} +
           ": a DNS name and a slash, or neither, then at most 63 letters, digits, '-', '_' and '.'; none: no label";
  }
  settings.maintenance_label = value == "none" ? std::string_view{} : value;
  return {};
}

std::string read_source(std::string_view value, config& settings) {
  return choose(value, {{"live", source_mode::live}, {"watch", source_mode::watch}}, settings.source);
}

std::string read_stale_grace(std::string_view value, config& settings) {
  return store(parse_duration(value, 0ms, 1h), settings.stale_grace);
}

std::string read_answer_timeout(std::string_view value, config& settings) {
  return store(parse_duration(value, 10ms, 1min), settings.answer_timeout);
}

std::string read_api_timeout(std::string_view value, config& settings) {
  return store(parse_duration(value, 10ms, 1min), settings.api_timeout);
}

std::string read_api_qps(std::string_view value, config& settings) {
  return store(parse_rate(value), settings.api_qps);
}

std::string read_drain(std::string_view value, config& settings) {
  return store(parse_duration(value, 0ms, 1h), settings.drain);
}

std::string read_api_server(std::string_view value, config& settings) {
  parsed<api_url> url = parse_api_url(value);
  if (const auto* refused = std::get_if<refusal>(&url)) return refused->hint;
  settings.api_server = std::get<api_url>(std::move(url));
  return {};
}

std::string read_path(std::string_view value, std::string_view example, std::string& output) {
  constexpr std::size_t max_length = 4'000;  // leaves room for a file's name within PATH_MAX
  const bool clean = std::ranges::none_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (!value.starts_with('/') || value.size() > max_length || !clean) {
    return "write an absolute path, such as " + std::string{example};
  }
  output = value;
  return {};
}

std::string read_service_account_dir(std::string_view value, config& settings) {
  return read_path(value, "/var/run/secrets/kubernetes.io/serviceaccount", settings.service_account_dir);
}

std::string read_tls_cert(std::string_view value, config& settings) {
  return read_path(value, "/tls/tls.crt", settings.tls_cert);
}

std::string read_tls_key(std::string_view value, config& settings) {
  return read_path(value, "/tls/tls.key", settings.tls_key);
}

std::string read_tls_client_ca(std::string_view value, config& settings) {
  return read_path(value, "/tls/ca.crt", settings.tls_client_ca);
}

std::string read_log_level(std::string_view value, config& settings) {
  return choose(
      value,
      {{"debug", log_level::debug}, {"info", log_level::info}, {"warn", log_level::warn}, {"error", log_level::error}},
      settings.level);
}

std::string read_log_format(std::string_view value, config& settings) {
  return choose(value, {{"text", log_format::text}, {"json", log_format::json}}, settings.format);
}

constexpr std::string_view target = "Target";
constexpr std::string_view answers = "Answers";
constexpr std::string_view tls = "TLS";
constexpr std::string_view api = "API server";
constexpr std::string_view logging = "Log";

// The defaults as --help shows them; a test compares them with those of config.hpp.
constexpr std::array table{
    option{"TARGET_CONTAINER", target, "NAMES", "",
           "containers that must be ready, such as game,metrics; without it, all of the pod", read_containers},
    option{"REQUIRE", target, "WHAT", "containers",
           "containers: the containers must be ready; pod: the pod's Ready condition must be true", read_require},
    option{"TARGET_POD_OVERRIDE", target, "NAME", "",
           "the pod whose readiness counts; without it, the pod of this process", read_pod},
    option{"TARGET_NAMESPACE", target, "NAME", "", "the pod's namespace; without it, the service account's",
           read_namespace},
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
