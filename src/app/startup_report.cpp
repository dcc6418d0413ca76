#include "sidecar/app/startup_report.hpp"

#include <utility>

#include "sidecar/app/state_override.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/config/warnings.hpp"

namespace sidecar::app {
namespace {

log::field requirement_field(const config::config& settings) {
  if (settings.require == config::requirement::pod) return {"condition", "Ready"};
  if (settings.target_containers.empty()) return {"container", "all"};
  std::string names;
  for (const auto& one : settings.target_containers) names.append(names.empty() ? "" : ",").append(one);
  return {"container", std::move(names)};
}

std::vector<log::field> listener_fields(const config::config& settings, const startup_facts& facts) {
  std::vector<log::field> shown{{"listen", facts.listen}};
  if (!settings.tls_cert.empty()) {
    shown.push_back({"tls", settings.tls_client_ca.empty() ? "on" : "with client certificates"});
  }
  if (facts.agent) shown.push_back({"agent", *facts.agent});
  if (facts.status) shown.push_back({"status", *facts.status});
  return shown;
}

/// Whose readiness the answers say.
std::vector<log::field> target_fields(const config::config& settings, const kube::target_pod& target) {
  if (settings.mode == config::run_mode::node) {
    return {{"node", settings.node_name},
            {"namespace", settings.target_namespace.empty() ? "all" : settings.target_namespace}};
  }
  return {{"target", to_string(target.pod)}, {"pod_name_from", target.origin}, requirement_field(settings)};
}

journal::log_line override_line(const config::config& settings) {
  const auto why = override_of(settings)->reason;
  return {log::level::warn,
          "answers " + std::to_string(overridden_status(settings)) + ": " + health::meaning_and_advice(why),
          {{"STATE_OVERRIDE", settings.state_override}}};
}

}  // namespace

std::vector<journal::log_line> startup_report(const config::config& settings, const startup_facts& facts) {
  journal::log_line started{log::level::info, std::string{"http-healthcheck-sidecar "}.append(version) + " listens",
                            listener_fields(settings, facts)};
  if (!facts.target) {
    started.fields.push_back({"source", "override"});
    return {std::move(started), override_line(settings)};
  }
  const auto targets = target_fields(settings, *facts.target);
  started.fields.insert(started.fields.end(), targets.begin(), targets.end());
  started.fields.push_back({"source", settings.watches() ? "watch" : "live"});
  started.fields.push_back({"api", to_string(*settings.api_server)});
  std::vector<journal::log_line> lines{std::move(started)};
  for (const auto& warning : config::warnings(settings)) lines.push_back({log::level::warn, warning});
  if (!facts.target->disagreement.empty()) lines.push_back({log::level::info, facts.target->disagreement});
  return lines;
}

}  // namespace sidecar::app
