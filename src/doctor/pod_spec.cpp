#include "sidecar/doctor/pod_spec.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include "sidecar/config/options.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::doctor {
namespace {

using kind = health::container::kind;

constexpr std::string_view program = "http-healthcheck-sidecar";

std::vector<container_port> read_ports(const json::value& list) {
  std::vector<container_port> ports;
  for (const auto& one : list.elements) {
    const auto& protocol = one["protocol"].text;
    ports.push_back({.number = one["containerPort"].integer.value_or(0),
                     .name = one["name"].text,
                     .is_tcp = protocol.empty() || protocol == "TCP",
                     .host_port = one["hostPort"].integer.value_or(0)});
  }
  return ports;
}

std::int64_t resolve_port(const json::value& port, const std::vector<container_port>& ports) {
  if (port.integer) return *port.integer;
  const auto named = std::ranges::find(ports, port.text, &container_port::name);
  return named == ports.end() ? 0 : named->number;
}

/// The path and port of a URL of the pod itself; nothing for another one.
std::optional<http_probe> read_own_url(std::string_view probe_kind, std::string_view url) {
  const bool is_tls = url.starts_with("https://");
  if (!is_tls && !url.starts_with("http://")) return std::nullopt;
  url.remove_prefix(url.find("://") + 3);
  const auto path = std::min(url.find('/'), url.size());
  const auto [host, port] = config::split_port(url.substr(0, path));
  if (host != "localhost" && host != "[::1]" && !host.starts_with("127.")) return std::nullopt;
  const auto number = port ? config::parse_port(*port) : (is_tls ? std::uint16_t{443} : std::uint16_t{80});
  return http_probe{probe_kind, path == url.size() ? "/" : std::string{url.substr(path)}, number.value_or(0)};
}

/// What `http-healthcheck-sidecar probe [/PATH|URL]` requests; nothing for another command, or a URL of another host.
std::optional<http_probe> read_command(std::string_view probe_kind, const json::value& command) {
  const auto& words = command.elements;
  if (words.size() < 2 || !words[0].text.ends_with(program) || words[1].text != "probe") return std::nullopt;
  for (const auto& word : std::span{words}.subspan(2)) {
    if (word.text.starts_with('/')) return http_probe{probe_kind, word.text, http_probe::own_port};
    if (word.text.starts_with("http")) return read_own_url(probe_kind, word.text);
  }
  return http_probe{probe_kind, "/healthz", http_probe::own_port};
}

std::vector<http_probe> read_probes(const json::value& container, const std::vector<container_port>& ports) {
  static constexpr std::array<std::string_view, 3> kinds{"startupProbe", "readinessProbe", "livenessProbe"};
  std::vector<http_probe> probes;
  for (const auto one : kinds) {
    if (auto probe = read_command(one, container[one]["exec"]["command"])) probes.push_back(std::move(*probe));
    const auto& request = container[one]["httpGet"];
    if (request.keys.empty()) continue;
    const auto& path = request["path"].text;
    probes.push_back({one, path.empty() ? "/" : path, resolve_port(request["port"], ports)});
  }
  return probes;
}

container_spec read_container(const json::value& source, kind type) {
  container_spec out{.name = source["name"].text, .type = type, .image = source["image"].text};
  for (const auto field : {"command", "args"}) {
    for (const auto& word : source[field].elements) out.words.push_back(word.text);
  }
  for (const auto& one : source["env"].elements) out.variables.emplace_back(one["name"].text, one["value"].text);
  out.ports = read_ports(source["ports"]);
  out.probes = read_probes(source, out.ports);
  out.has_readiness_probe = !source["readinessProbe"].keys.empty();
  for (const auto& one : source["volumeMounts"].elements) out.mounts.push_back(one["mountPath"].text);
  out.memory_limit = parse_memory(source["resources"]["limits"]["memory"].text);
  return out;
}

bool runs_program(const container_spec& one) {
  const auto slash = one.image.rfind('/');
  const auto image = std::string_view{one.image}.substr(slash == std::string::npos ? 0 : slash + 1);
  const bool is_image = image.starts_with(program);
  const bool is_command = !one.words.empty() && std::string_view{one.words.front()}.ends_with(program);
  const bool has_options = std::ranges::any_of(
      one.variables, [](const auto& variable) { return variable.first.starts_with(config::environment_prefix); });
  return is_image || is_command || has_options;
}

/// The only one, or null.
template <class Predicate>
const container_spec* find_only(const pod_spec& pod, Predicate is_wanted) {
  const container_spec* found = nullptr;
  for (const auto& one : pod.containers) {
    if (!is_wanted(one)) continue;
    if (found != nullptr) return nullptr;
    found = &one;
  }
  return found;
}

}  // namespace

pod_spec read_pod_spec(const json::value& pod) {
  const auto& items = pod["items"].elements;
  const auto& spec = items.empty() ? pod["spec"] : items.front()["spec"];
  pod_spec out;
  for (const auto& one : spec["initContainers"].elements) {
    out.containers.push_back(
        read_container(one, one["restartPolicy"].text == "Always" ? kind::native_sidecar : kind::init));
  }
  for (const auto& one : spec["containers"].elements) out.containers.push_back(read_container(one, kind::regular));
  out.grace_seconds = spec["terminationGracePeriodSeconds"].integer.value_or(out.grace_seconds);
  for (const auto& one : spec["ephemeralContainers"].elements) out.ephemeral_names.push_back(one["name"].text);
  const auto& renamed = spec["hostnameOverride"].text;  // Kubernetes 1.34
  out.hostname = renamed.empty() ? spec["hostname"].text : renamed;
  out.host_network = spec["hostNetwork"].is_true;
  return out;
}

result<json::value> read_pod_tree(std::string_view json) {
  return json::read_tree(json, json::all_but({"managedFields", "annotations"}));
}

std::optional<std::uint64_t> parse_memory(std::string_view text) {
  struct unit {
    std::string_view suffix;
    double factor;
  };
  static constexpr std::array units{unit{"", 1},        unit{"m", 1e-3},    unit{"k", 1e3},     unit{"M", 1e6},
                                    unit{"G", 1e9},     unit{"T", 1e12},    unit{"P", 1e15},    unit{"E", 1e18},
                                    unit{"Ki", 0x1p10}, unit{"Mi", 0x1p20}, unit{"Gi", 0x1p30}, unit{"Ti", 0x1p40},
                                    unit{"Pi", 0x1p50}, unit{"Ei", 0x1p60}};
  constexpr double max = 0x1p63;
  const std::string number{text};
  if (number.empty() || number.find_first_not_of("0123456789.eE+kmKMGTPi") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double amount = std::strtod(number.c_str(), &end);
  const auto* const found = std::ranges::find(units, std::string_view{end}, &unit::suffix);
  if (end == number.c_str() || found == units.end()) return std::nullopt;
  const double bytes = std::floor(amount * found->factor);
  if (!(bytes >= 0 && bytes < max)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

const container_spec* find_own_container(const pod_spec& pod, std::string_view wanted, std::uint16_t port) {
  if (!wanted.empty()) return find_only(pod, [wanted](const auto& one) { return one.name == wanted; });
  if (std::ranges::any_of(pod.containers, runs_program)) return find_only(pod, runs_program);
  return find_only(pod, [port](const container_spec& one) { return declares_tcp(one, port); });
}

bool declares_tcp(const container_spec& one, std::uint16_t port) {
  return std::ranges::any_of(one.ports, [port](const auto& open) { return open.number == port && open.is_tcp; });
}

}  // namespace sidecar::doctor
