#include "sidecar/config/option_readers.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/text_list.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::config {
namespace {

using namespace std::chrono_literals;

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

}  // namespace

std::string read_mode(std::string_view value, config& settings) {
  return choose(value, {{"sidecar", run_mode::sidecar}, {"node", run_mode::node}}, settings.mode);
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

namespace {

std::string read_status(std::string_view value, unsigned& output) {
  const auto status = parse_digits(value);
  if (!status || *status < 400 || *status > 599) return "write a status from 400 to 599, such as 500 or 503";
  output = static_cast<unsigned>(*status);
  return {};
}

}  // namespace

std::string read_status_listen(std::string_view value, config& settings) {
  const auto outcome = parse_listen(value);
  const auto* address = std::get_if<listen_address>(&outcome);
  const auto port = split_port(value).port;
  if (port && !parse_listen_port(*port)) return "the port is a number from 0 to 65535, as in [::]:3002";
  // Who can reach the port sees the pod and its clients, so that nothing opens it to all addresses unsaid.
  if (address == nullptr || address->defaulted) {
    return "write the address out, in digits, IPv6 in brackets and without a zone: 127.0.0.1:3002 for this pod alone, "
           "[::]:3002 for every address";
  }
  settings.status_listen = *address;
  return {};
}

std::string read_status_page(std::string_view value, config& settings) {
  return choose(value, {{"true", true}, {"false", false}}, settings.status_page);
}

std::string read_status_hosts(std::string_view value, config& settings) {
  settings.status_hosts.clear();
  for (const auto& one : split_list(value)) {
    auto name = parse_dns_name(one);
    if (!name) {
      return "write DNS names as they stand in a URL, without scheme and port; several of them with commas and without "
             "blanks or wildcards, as in status.example.com,status.games.svc; an address is always accepted";
    }
    settings.status_hosts.push_back(std::move(*name));
  }
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
  // A label may have such a key, but who writes it wants no label.
  if (const auto lower = to_lower(value); (lower == "none" && value != "none") || lower == "false") {
    return "write none, in lower case, if no label is to take the pod out";
  }
  settings.maintenance_label = value == "none" ? std::string_view{} : value;
  return {};
}

std::string read_node_drain(std::string_view value, config& settings) {
  return choose(value, {{"true", true}, {"false", false}}, settings.node_drain.emplace());
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

namespace {

std::string read_path(std::string_view value, std::string_view example, std::string& output) {
  constexpr std::size_t max_length = 4'000;  // leaves room for a file's name within PATH_MAX
  const bool clean = std::ranges::none_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (!value.starts_with('/') || value.size() > max_length || !clean) {
    return "write an absolute path, such as " + std::string{example};
  }
  output = value;
  return {};
}

}  // namespace

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
  using enum log::level;
  return choose(value, {{"debug", debug}, {"info", info}, {"warn", warn}, {"error", error}}, settings.log_level);
}

std::string read_log_format(std::string_view value, config& settings) {
  return choose(value, {{"text", log::format::text}, {"json", log::format::json}}, settings.log_format);
}

}  // namespace sidecar::config
