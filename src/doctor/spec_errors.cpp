#include "sidecar/doctor/spec_errors.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/base/ascii.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/config/ports.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/status_port_errors.hpp"
#include "sidecar/http/route.hpp"

namespace sidecar::doctor {
namespace {

using kind = health::container::kind;

/// SECURITY.md has what a process needs; below this the kernel kills it as soon as clients use TLS.
constexpr std::uint64_t min_memory = 16 * 1024 * 1024;

finding spec_error(std::string what, std::string hint) {
  return {level::warn, checks::spec, std::move(what), std::move(hint)};
}

bool is_target(const container_spec& one, const container_spec* own, const config::config& settings) {
  if (!settings.target_containers.empty()) return has_ignoring_case(settings.target_containers, one.name);
  return one.type == kind::regular && &one != own;
}

void find_unprobed_targets(const pod_spec& pod, const container_spec* own, const config::config& settings,
                           findings& found) {
  const bool may_be_own = own == nullptr && settings.target_containers.empty();
  const std::string_view exception = may_be_own ? ", unless it is the sidecar itself: name that in CONTAINER_NAME" : "";
  for (const auto& one : pod.containers) {
    if (one.has_readiness_probe || one.type == kind::init || !is_target(one, own, settings)) continue;
    found.push_back(spec_error("container " + one.name +
                                   " has no readinessProbe: for Kubernetes it is ready as soon as it has started, so "
                                   "answers are 200 before it can serve",
                               "give container " + one.name + " a readinessProbe" + std::string{exception}));
  }
}

bool is_health_path(const http_probe& probe) {
  return http::route_of(http::method::get, probe.path).route == http::route::health;
}

void find_health_probes(const pod_spec& pod, const config::config& settings, findings& found) {
  for (const auto& one : pod.containers) {
    for (const auto& probe : one.probes) {
      const bool is_own = probe.port == http_probe::own_port || (probe.port > 0 && probe.port == settings.listen.port);
      if (!is_own || !is_health_path(probe)) continue;
      found.push_back(
          spec_error("the " + std::string{probe.kind} + " of container " + one.name + " queries " + probe.path +
                         ", which is about the target: a liveness probe there restarts the container for the "
                         "target's faults, a readiness probe can wait for itself forever",
                     "let it query /livez"));
    }
  }
}

/// Those of the sidecar's own and those that containers declare.
std::set<std::int64_t> port_numbers(const pod_spec& pod, const std::vector<config::port_use>& own) {
  std::set<std::int64_t> numbers;
  for (const auto& one : own) numbers.insert(one.address.port);
  for (const auto& one : pod.containers) {
    for (const auto& open : one.ports) numbers.insert(open.number);
  }
  return numbers;
}

void find_port_clashes(const pod_spec& pod, const container_spec& own, const config::config& settings,
                       findings& found) {
  const auto used = config::ports_in_use(settings);
  for (const auto& one : pod.containers) {
    if (&one == &own || one.type == kind::init) continue;
    for (const auto& [option, address] : used) {
      if (!declares_tcp(one, address.port)) continue;
      found.push_back(spec_error("container " + one.name + " declares port " + std::to_string(address.port) +
                                     ", which is " + std::string{option} +
                                     "'s: the containers of a pod share their ports, so one of the two cannot listen",
                                 "set " + std::string{option} + " to another port, such as " +
                                     config::another_port(address, port_numbers(pod, used)) +
                                     ", here and in the probes, the Service and the load balancer"));
    }
  }
}

void find_late_drain(const pod_spec& pod, const config::config& settings, findings& found) {
  constexpr std::int64_t max_grace = 100'000'000;  // three years; its milliseconds do not overflow
  const std::chrono::seconds grace{std::clamp<std::int64_t>(pod.grace_seconds, 0, max_grace)};
  if (settings.drain == std::chrono::milliseconds::zero() || settings.drain < grace) return;
  found.push_back(spec_error("DRAIN is " + config::to_text(settings.drain) + ", and terminationGracePeriodSeconds is " +
                                 std::to_string(pod.grace_seconds) +
                                 ": the kubelet kills the sidecar before its drain ends",
                             "set DRAIN below it, or raise terminationGracePeriodSeconds"));
}

void find_wrong_order(const pod_spec& pod, const container_spec& own, findings& found) {
  if (own.type == kind::init) {
    found.push_back(spec_error("container " + own.name +
                                   " is an init container without restartPolicy Always: the pod "
                                   "waits for its end, which never comes",
                               "set restartPolicy: Always in it (Kubernetes 1.29), or move it to spec.containers"));
  }
  if (own.type != kind::native_sidecar) return;
  const container_spec* last = nullptr;
  for (const auto& one : pod.containers) {
    if (one.type != kind::regular) last = &one;
  }
  if (last == &own) return;
  found.push_back(spec_error("the sidecar " + own.name + " is not the last init container: " + last->name +
                                 " follows, and waits for the sidecar's start instead of the other way round",
                             "move " + own.name + " to the end of spec.initContainers"));
}

bool covers(std::string_view mount, std::string_view directory) {
  while (mount.ends_with('/')) mount.remove_suffix(1);
  while (directory.ends_with('/')) directory.remove_suffix(1);
  const auto is_within = [](std::string_view inner, std::string_view outer) {
    return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
  };
  return is_within(directory, mount) || is_within(mount, directory);
}

void find_missing_token(const container_spec& own, const config::config& settings, findings& found) {
  const bool needs_token = settings.api_server && settings.api_server->tls && settings.state_override.empty();
  const auto covers_directory = [&](const auto& mount) { return covers(mount, settings.service_account_dir); };
  if (!needs_token || std::ranges::any_of(own.mounts, covers_directory)) return;
  found.push_back(spec_error(
      "container " + own.name + " has nothing mounted at " + settings.service_account_dir + ": it has no token",
      "mount a projected service-account token there (deploy/native-sidecar), or set "
      "automountServiceAccountToken: true"));
}

void find_small_memory(const container_spec& own, findings& found) {
  if (!own.memory_limit || *own.memory_limit >= min_memory) return;
  found.push_back(spec_error("the memory limit of container " + own.name + " is " + std::to_string(*own.memory_limit) +
                                 " bytes: below 16 MiB the kernel kills it when clients come",
                             "set resources.limits.memory: 32Mi"));
}

}  // namespace

findings find_spec_errors(const pod_spec& pod, const container_spec* own, const config::config& settings) {
  findings found;
  find_unprobed_targets(pod, own, settings, found);
  find_health_probes(pod, settings, found);
  find_status_port_errors(pod, settings, found);
  if (own == nullptr) return found;
  find_late_drain(pod, settings, found);
  find_wrong_order(pod, *own, found);
  find_missing_token(*own, settings, found);
  find_small_memory(*own, found);
  find_port_clashes(pod, *own, settings, found);
  return found;
}

findings find_spec_errors(std::string_view json, const config::config& settings) {
  const auto tree = read_pod_tree(json);
  if (!tree) return {};
  const auto pod = read_pod_spec(*tree);
  const auto* own = find_own_container(pod, settings.container_name, settings.listen.port);
  return find_spec_errors(pod, own, settings);
}

}  // namespace sidecar::doctor
