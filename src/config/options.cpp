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
advice store(parsed<T> outcome, T& into) {
  if (const auto* refused = std::get_if<refusal>(&outcome)) return refused->write_instead;
  into = std::get<T>(std::move(outcome));
  return {};
}

template <class T>
advice choose(std::string_view value, std::initializer_list<std::pair<std::string_view, T>> choices, T& into) {
  std::string accepted = "write one of";
  for (const auto& [name, meaning] : choices) {
    if (value == name) {
      into = meaning;
      return {};
    }
    accepted.append(accepted.ends_with("of") ? " " : ", ").append(name);
  }
  return accepted + " (in lower case)";
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), to_lower);
  return out;
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

advice read_containers(std::string_view value, config& into) {
  std::vector<std::string> sorted = split_list(lower(value));
  std::ranges::sort(sorted);
  if (!std::ranges::all_of(sorted, is_dns1123_label)) {
    return "write a container's name as in the pod's spec: at most 63 letters, digits and '-', with a letter or digit "
           "at both ends; several of them with commas and without blanks, as in game,metrics";
  }
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
    return "write each container's name once: " + *twice + " is there twice";
  }
  into.target_containers = split_list(value);
  return {};
}

advice read_require(std::string_view value, config& into) {
  return choose(value, {{"containers", requirement::containers}, {"pod", requirement::pod}}, into.require);
}

advice read_pod(std::string_view value, config& into) {
  if (!is_dns1123_subdomain(value)) {
    return "write a pod's name as kubectl shows it, such as web-0: at most 253 lower-case letters, digits, '-' and '.'";
  }
  into.target_pod_override = value;
  return {};
}

advice read_namespace(std::string_view value, config& into) {
  if (!is_dns1123_label(value)) {
    return "write a namespace's name as kubectl shows it, such as default: at most 63 lower-case letters, digits and "
           "'-'";
  }
  into.target_namespace = value;
  return {};
}

advice read_state_override(std::string_view value, config& into) {
  into.state_override = value;
  return {};
}

advice read_listen(std::string_view value, config& into) { return store(parse_listen(value), into.listen); }

advice read_agent_listen(std::string_view value, config& into) {
  return store(parse_listen(value), into.agent_listen.emplace());
}

advice read_status(std::string_view value, unsigned& into) {
  const auto status = parse_digits(value);
  if (!status || *status < 400 || *status > 599) return "write a status from 400 to 599, such as 500 or 503";
  into = static_cast<unsigned>(*status);
  return {};
}

advice read_unhealthy_status(std::string_view value, config& into) { return read_status(value, into.unhealthy_status); }

advice read_drain_status(std::string_view value, config& into) { return read_status(value, into.drain_status); }

advice read_source(std::string_view value, config& into) {
  return choose(value, {{"live", truth_source::live}, {"watch", truth_source::watch}}, into.source);
}

advice read_stale_grace(std::string_view value, config& into) {
  return store(parse_duration(value, 0ms, 1h), into.stale_grace);
}

advice read_answer_timeout(std::string_view value, config& into) {
  return store(parse_duration(value, 10ms, 1min), into.answer_timeout);
}

advice read_api_timeout(std::string_view value, config& into) {
  return store(parse_duration(value, 10ms, 1min), into.api_timeout);
}

advice read_api_qps(std::string_view value, config& into) { return store(parse_rate(value), into.api_qps); }

advice read_drain(std::string_view value, config& into) { return store(parse_duration(value, 0ms, 1h), into.drain); }

advice read_api_server(std::string_view value, config& into) {
  parsed<api_url> url = parse_api_url(value);
  if (const auto* refused = std::get_if<refusal>(&url)) return refused->write_instead;
  into.api_server = std::get<api_url>(std::move(url));
  return {};
}

advice read_path(std::string_view value, std::string_view example, std::string& into) {
  constexpr std::size_t longest = 4'000;  // leaves room for a file's name within PATH_MAX
  const bool clean = std::ranges::none_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (!value.starts_with('/') || value.size() > longest || !clean) {
    return "write an absolute path, such as " + std::string{example};
  }
  into = value;
  return {};
}

advice read_service_account_dir(std::string_view value, config& into) {
  return read_path(value, "/var/run/secrets/kubernetes.io/serviceaccount", into.service_account_dir);
}

advice read_tls_cert(std::string_view value, config& into) { return read_path(value, "/tls/tls.crt", into.tls_cert); }

advice read_tls_key(std::string_view value, config& into) { return read_path(value, "/tls/tls.key", into.tls_key); }

advice read_tls_client_ca(std::string_view value, config& into) {
  return read_path(value, "/tls/ca.crt", into.tls_client_ca);
}

advice read_log_level(std::string_view value, config& into) {
  return choose(
      value,
      {{"debug", log_level::debug}, {"info", log_level::info}, {"warn", log_level::warn}, {"error", log_level::error}},
      into.level);
}

advice read_log_format(std::string_view value, config& into) {
  return choose(value, {{"text", log_format::text}, {"json", log_format::json}}, into.format);
}

constexpr std::string_view target = "Target";
constexpr std::string_view answers = "Answers";
constexpr std::string_view tls = "TLS";
constexpr std::string_view api = "API server";
constexpr std::string_view logging = "Log";

// The defaults here are for people; config.hpp holds the same ones for the program, and a test compares the two.
constexpr std::array table{
    option{"TARGET_CONTAINER", target, "NAMES", "",
           "the containers that count (game,metrics: both of them); without it, every one of the pod", read_containers},
    option{"REQUIRE", target, "WHAT", "containers",
           "containers: those that count are ready; pod: the pod's own Ready condition is true", read_require},
    option{"TARGET_POD_OVERRIDE", target, "NAME", "", "the pod to ask about; without it, the pod this process runs in",
           read_pod},
    option{"TARGET_NAMESPACE", target, "NAME", "", "the pod's namespace; without it, the service account's",
           read_namespace},
    option{"STATE_OVERRIDE", target, "STATE", "",
           "true, in any case: always healthy; any other text: never; the API server is not asked",
           read_state_override},
    option{"LISTEN", answers, "ADDRESS:PORT", "[::]:3000",
           "where to listen; :PORT is every address, IPv4 alone where there is no IPv6", read_listen},
    option{"UNHEALTHY_STATUS", answers, "STATUS", "500", "HTTP status when not healthy, 400 to 599",
           read_unhealthy_status},
    option{"DRAIN_STATUS", answers, "STATUS", "",
           "HTTP status when leaving while still ready; without it, that of --unhealthy-status", read_drain_status},
    option{"ANSWER_TIMEOUT", answers, "DURATION", "900ms", "what a client waits at most, 10ms to 1m",
           read_answer_timeout},
    option{"STALE_GRACE", answers, "DURATION", "30s",
           "how long the last known state stands while the API server cannot be asked, 0 to 1h", read_stale_grace},
    option{"DRAIN", answers, "DURATION", "8s", "how long to answer not healthy after SIGTERM before the exit, 0 to 1h",
           read_drain},
    option{"AGENT_LISTEN", answers, "ADDRESS:PORT", "",
           "where HAProxy's agent checks are answered; without it, nowhere", read_agent_listen},
    option{"TLS_CERT", tls, "PATH", "", "certificate chain of --listen's port (PEM); without it, plain HTTP",
           read_tls_cert},
    option{"TLS_KEY", tls, "PATH", "", "the certificate's private key (PEM)", read_tls_key},
    option{"TLS_CLIENT_CA", tls, "PATH", "", "whoever asks needs a certificate of this CA bundle (PEM)",
           read_tls_client_ca},
    option{"SOURCE", api, "SOURCE", "live", "live: ask for every answer; watch: answer from memory, kept by a watch",
           read_source},
    option{"API_SERVER", api, "URL", "",
           "https://host[:port], http:// on loopback; without it, KUBERNETES_SERVICE_HOST and _PORT", read_api_server},
    option{"API_TIMEOUT", api, "DURATION", "2500ms", "how long one call may take in all, 10ms to 1m", read_api_timeout},
    option{"API_QPS", api, "RATE", "10",
           "calls a second at most, to 1000000; 0: no limit; 1/RATE is at most half of --answer-timeout", read_api_qps},
    option{"SERVICE_ACCOUNT_DIR", api, "PATH", "/var/run/secrets/kubernetes.io/serviceaccount",
           "directory of token, ca.crt and namespace", read_service_account_dir},
    option{"LOG_LEVEL", logging, "LEVEL", "info", "debug, info, warn or error", read_log_level},
    option{"LOG_FORMAT", logging, "FORMAT", "text", "text, or json for collectors", read_log_format},
};

}  // namespace

std::span<const option> options() noexcept { return table; }

const option* find_option(std::string_view name) noexcept {
  const auto* found = std::ranges::find(table, name, &option::name);
  return found == table.end() ? nullptr : found;
}

std::string variable_name(std::string_view option_name) { return std::string{environment_prefix}.append(option_name); }

std::string flag_name(std::string_view option_name) {
  std::string out{"--"};
  for (const char c : option_name) out += c == '_' ? '-' : to_lower(c);
  return out;
}

}  // namespace sidecar::config
