#include "sidecar/doctor/pod_check.hpp"

#include <algorithm>
#include <vector>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/text_list.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/health/explain.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::doctor {
namespace {

using health::reason;

std::string or_unknown(const std::string& text, std::string_view otherwise) {
  return text.empty() ? std::string{otherwise} : text;
}

std::string false_conditions(const json::value& status) {
  std::string text;
  for (const auto& one : status["conditions"].elements) {
    const auto& type = one["type"].text;
    const bool is_bad_if_true = type == "DisruptionTarget" || type == "AllContainersRestarting";
    const bool is_true = one["status"].text == "True";
    if (is_true != is_bad_if_true) continue;
    text += (text.empty() ? "" : ", ") + type + '=' + one["status"].text;
    if (!one["reason"].text.empty()) text += " (" + one["reason"].text + ')';
  }
  return text;
}

std::string state_of(const json::value& status) {
  const auto& state = status["state"];
  if (state.keys.empty()) return "no state yet";
  const auto& kind = state.keys.front();
  const auto& detail = state.elements.front();
  auto text = kind;
  if (!detail["reason"].text.empty()) text += " (" + detail["reason"].text + ')';
  if (detail["exitCode"].integer) text += ", exit code " + std::to_string(*detail["exitCode"].integer);
  return text;
}

const json::value& named(const json::value& list, const std::string& name) {
  static const json::value nothing;
  const auto found = std::ranges::find_if(list.elements, [&name](const auto& one) { return one["name"].text == name; });
  return found == list.elements.end() ? nothing : *found;
}

finding describe_container(const container_spec& one, const json::value& status) {
  const bool is_init = one.type == health::container::kind::init;
  if (status.keys.empty()) {
    return {level::warn, checks::container, one.name + ": no status yet",
            "wait for the pod to start; if it does not, see its events: kubectl describe pod"};
  }
  const bool is_ready = status["ready"].is_true;
  auto text = one.name + ": " + state_of(status) + (is_init ? "" : is_ready ? ", ready" : ", not ready");
  const auto restarts = status["restartCount"].integer.value_or(0);
  if (restarts > 0) text += ", restarted " + std::to_string(restarts) + (restarts == 1 ? " time" : " times");
  if (is_init || is_ready) return {level::ok, checks::container, std::move(text)};
  return {level::warn, checks::container, std::move(text),
          "see kubectl logs POD -c " + one.name +
              " (--previous) and its readinessProbe and events in kubectl describe "
              "pod"};
}

/// Those that can be ready.
std::vector<std::string_view> names_of(const pod_spec& pod) {
  std::vector<std::string_view> names;
  for (const auto& one : pod.containers) {
    if (one.type != health::container::kind::init) names.emplace_back(one.name);
  }
  return names;
}

std::string answer_text(const health::verdict& found, const config::config& settings) {
  const auto status = status_of(found, kube::statuses_of(settings));
  return std::to_string(status) + ' ' + std::string{name(found.reason)};
}

bool is_reason(std::string_view text) {
  for (std::size_t i = 0; i < health::reason_count; ++i) {
    if (text == name(static_cast<reason>(i))) return true;
  }
  return text == "OK";
}

/// As the kubelet makes a host name of a pod's (truncatePodHostnameIfNeeded).
std::string_view host_name_of(std::string_view pod) {
  pod = pod.substr(0, 63);
  while (pod.ends_with('-') || pod.ends_with('.')) pod.remove_suffix(1);
  return pod;
}

}  // namespace

findings describe_pod(const json::value& pod, const pod_spec& spec) {
  const auto& metadata = pod["metadata"];
  const auto& status = pod["status"];
  auto text = metadata["namespace"].text + '/' + metadata["name"].text + ", uid " + metadata["uid"].text + ", node " +
              or_unknown(pod["spec"]["nodeName"].text, "none yet") + ", phase " +
              or_unknown(status["phase"].text, "unknown");
  if (const auto conditions = false_conditions(status); !conditions.empty()) text += ", conditions " + conditions;
  findings found{{level::ok, checks::pod, std::move(text)}};
  for (const auto& one : spec.containers) {
    const bool is_regular = one.type == health::container::kind::regular;
    found.push_back(
        describe_container(one, named(status[is_regular ? "containerStatuses" : "initContainerStatuses"], one.name)));
  }
  return found;
}

findings check_targets(const pod_spec& pod, const config::config& settings) {
  findings found;
  for (const auto& wanted : settings.target_containers) {
    if (has_ignoring_case(pod.containers, wanted, &container_spec::name)) continue;
    if (has_ignoring_case(pod.ephemeral_names, wanted)) continue;  // the verdict says that
    const auto names = names_of(pod);
    const auto nearest = nearest_of(names, to_lower(wanted));
    found.push_back({level::fail, checks::target,
                     "TARGET_CONTAINER names " + wanted + ", and the pod's containers are " + joined(names) +
                         ": every answer is NoSuchContainer",
                     nearest.empty() ? "write one of these names in TARGET_CONTAINER"
                                     : "write " + std::string{nearest} + " in TARGET_CONTAINER instead of " + wanted});
  }
  return found;
}

finding check_verdict(const health::pod_state& current, const health::target& wanted, const config::config& settings) {
  const auto found = health::evaluate(current, wanted);
  auto text = "the server's answer: " + answer_text(found, settings) + ", " + std::string{meaning(found.reason)};
  if (const auto detail = health::explain(current, wanted, found); !detail.empty()) text += " (" + detail + ')';
  if (found.state == health::state::healthy) return {level::ok, checks::verdict, std::move(text)};
  return {is_wrong_target(found.reason) ? level::fail : level::warn, checks::verdict, std::move(text),
          std::string{advice(found.reason)}};
}

finding override_finding() {
  return {level::warn, checks::verdict, "STATE_OVERRIDE is set: every answer comes from it, whatever the pod's state",
          "unset STATE_OVERRIDE to answer from the pod's state"};
}

std::optional<finding> check_token_owner(const kube::token_claims& claims, const config::config& settings,
                                         const pod_spec* pod) {
  const auto& host = settings.hostname;
  if (host.empty() || claims.pod_name.empty()) return std::nullopt;
  const auto own = host_name_of(claims.pod_name);
  // With setHostnameAsFQDN a domain follows.
  if (host == own || (host.starts_with(own) && host[own.size()] == '.')) return std::nullopt;
  const auto& override_name = settings.target_pod_override;
  const bool is_about_another = !override_name.empty() && host != host_name_of(override_name);
  if (is_about_another) return std::nullopt;
  if (pod != nullptr && (pod->host_network || pod->hostname == host)) return std::nullopt;
  return finding{pod == nullptr ? level::warn : level::fail, checks::token,
                 "the token is bound to pod " + claims.pod_name + ", and this is pod " + host + " (HOSTNAME)" +
                     (pod == nullptr ? ", unless the pod is on hostNetwork" : "") +
                     (override_name.empty() ? ": every answer is about " + claims.pod_name : ""),
                 "mount this pod's own token: a projected volume, no copy of another pod's"};
}

finding check_sidecar(const sidecar_answer& answer, const std::optional<health::verdict>& expected) {
  if (answer.status == 0) {
    return {level::fail, checks::sidecar, "the sidecar does not answer at " + answer.url + ": " + answer.problem,
            "see its log and state: kubectl logs POD -c CONTAINER, kubectl describe pod; LISTEN has its address"};
  }
  // Who listens there may be anyone: only what a sidecar says is repeated.
  const std::string_view reason_text =
      is_reason(answer.reason) ? std::string_view{answer.reason} : "for another reason";
  const auto text = answer.url + " answers " + std::to_string(answer.status) + ' ' + std::string{reason_text} +
                    (answer.is_held ? ", held from before" : "");
  // A healthy answer has no reason in its status line.
  const bool is_healthy = expected && expected->state == health::state::healthy;
  const bool agrees = !expected || (is_healthy ? answer.status == 200 : answer.reason == name(expected->reason));
  if (agrees) return {level::ok, checks::sidecar, text};
  if (answer.reason == name(health::reason::node_draining)) {
    return {level::warn, checks::sidecar, text + ", and what was found here is " + std::string{name(expected->reason)},
            "see what is said of the node above; what the sidecar last knew of it stands until it can be read, and a "
            "restart would lose that"};
  }
  return {
      level::warn, checks::sidecar, text + ", and what was found here is " + std::string{name(expected->reason)},
      "run doctor again, in case the pod has just changed; if they still differ, give doctor the sidecar's options, "
      "and restart the sidecar: it keeps the pod's name that it found at its start"};
}

}  // namespace sidecar::doctor
