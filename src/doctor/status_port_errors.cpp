#include "sidecar/doctor/status_port_errors.hpp"

#include <string>
#include <string_view>

#include "sidecar/base/ascii.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/doctor/checks.hpp"

namespace sidecar::doctor {
namespace {

using kind = health::container::kind;

/// The answer depends on the container's readiness.
bool decides(const container_spec& one, const config::config& settings) {
  if (settings.require == config::requirement::containers && !settings.target_containers.empty()) {
    return has_ignoring_case(settings.target_containers, one.name);
  }
  return one.type == kind::regular || one.type == kind::native_sidecar;
}

bool queries_readyz(const http_probe& probe, const config::listen_address& status) {
  return probe.port > 0 && probe.port == status.port && probe.path.substr(0, probe.path.find('?')) == "/readyz";
}

finding probe_error(const http_probe& probe, const container_spec& one, bool is_deciding) {
  const std::string fact =
      "the " + std::string{probe.kind} + " of container " + one.name + " queries /readyz, which is about the sidecar: ";
  if (probe.kind == "readinessProbe" && is_deciding) {
    return {level::fail, checks::spec,
            fact +
                "the container counts, so the answer would wait for the sidecar itself, and then be 200 whatever the "
                "container does",
            "remove it from the sidecar; let another container's query that container's own port"};
  }
  if (probe.kind == "readinessProbe") {
    return {level::warn, checks::spec,
            fact + "while the API server cannot be asked, the pod is not ready and gets no traffic of its Services",
            "remove it, or let it query the container's own port"};
  }
  const bool is_start = probe.kind == "startupProbe";
  return {
      level::warn, checks::spec,
      fact + (is_start ? "while the API server cannot be asked, the container counts as not started, and what starts "
                         "after it does not start"
                       : "the kubelet restarts the container if the API server cannot be asked at the sidecar's "
                         "start"),
      "let it query /livez"};
}

void find_exposure(const pod_spec& pod, const config::listen_address& status, findings& found) {
  if (config::is_loopback(status.address)) return;
  const std::string consequence = ": clients that reach the node can read the pod's state, its clients and the options";
  if (pod.host_network) {
    found.push_back({level::warn, checks::spec,
                     "STATUS_LISTEN opens " + config::host_and_port(status.address, status.port) +
                         " on the node, by hostNetwork and past every NetworkPolicy" + consequence,
                     "set STATUS_LISTEN to 127.0.0.1:" + std::to_string(status.port) +
                         ", or close the port in the node's firewall"});
    return;  // the API server makes a hostPort of each port
  }
  for (const auto& one : pod.containers) {
    for (const auto& port : one.ports) {
      if (!port.is_tcp || port.host_port == 0 || port.number != status.port) continue;
      found.push_back({level::warn, checks::spec,
                       "container " + one.name + " opens the status port on the node, by hostPort " +
                           std::to_string(port.host_port) + consequence,
                       "remove the hostPort: monitoring reaches the pod's own address"});
    }
  }
}

}  // namespace

void find_status_port_errors(const pod_spec& pod, const config::config& settings, findings& found) {
  if (!settings.status_listen) return;
  for (const auto& one : pod.containers) {
    for (const auto& probe : one.probes) {
      if (!queries_readyz(probe, *settings.status_listen)) continue;
      found.push_back(probe_error(probe, one, decides(one, settings)));
    }
  }
  find_exposure(pod, *settings.status_listen, found);
}

}  // namespace sidecar::doctor
