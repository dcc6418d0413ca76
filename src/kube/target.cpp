#include "sidecar/kube/target.hpp"

#include "sidecar/base/log.hpp"
#include "sidecar/config/dns1123.hpp"

namespace sidecar::kube {
namespace {

using config::configuration_errors;

/// The pod of the consistent read need not exist, so any name does; with our own, few clients read the same key.
std::string resolve_version_key(const config::config& settings, const token_claims& claims, target_pod& target) {
  target.origin = "NODE_NAME";
  if (!claims.pod_name.empty()) return claims.pod_name;
  return config::is_dns1123_subdomain(settings.hostname) ? settings.hostname : settings.node_name;
}

std::string resolve_pod(const config::config& settings, const token_claims& claims, target_pod& target) {
  if (settings.mode == config::run_mode::node) return resolve_version_key(settings, claims, target);
  if (!settings.target_pod_override.empty()) {
    target.origin = "TARGET_POD_OVERRIDE";
    return settings.target_pod_override;
  }
  if (!claims.pod_name.empty()) {
    target.origin = "the service-account token";
    if (!settings.hostname.empty() && settings.hostname != claims.pod_name) {
      target.disagreement = "the pod's name is taken from the token (" + claims.pod_name + "), not from HOSTNAME (" +
                            log::printable(settings.hostname) + "), which is normal under hostNetwork";
    }
    return claims.pod_name;
  }
  target.origin = "HOSTNAME";
  return settings.hostname;
}

std::string pod_unknown(token_state token) {
  return std::string{"the pod's name is unknown: "} +
         (token == token_state::read ? "the token is bound to no pod" : "there is no token that names it") +
         " and HOSTNAME is empty. Set HTTP_HEALTHCHECK_SIDECAR_TARGET_POD_OVERRIDE to it (downward API: fieldPath "
         "metadata.name)";
}

void check_pod(const target_pod& target, token_state token, configuration_errors& found) {
  if (target.pod.name.empty()) {
    if (token != token_state::unreadable) found.push_back(pod_unknown(token));
  } else if (!config::is_dns1123_subdomain(target.pod.name)) {
    found.push_back("HOSTNAME is \"" + log::printable(target.pod.name) +
                    "\", which is no pod name. Set HTTP_HEALTHCHECK_SIDECAR_TARGET_POD_OVERRIDE to the pod's name");
  }
}

std::string resolve_namespace(const config::config& settings, const token_claims& claims, token_state token,
                              const namespace_file& file, configuration_errors& found) {
  if (!settings.target_namespace.empty()) return settings.target_namespace;
  if (config::is_dns1123_label(file.text)) return file.text;
  const bool token_may_tell = !claims.namespace_name.empty() || token == token_state::unreadable;
  if (file.text.empty() && token_may_tell) return claims.namespace_name;
  const auto problem =
      file.text.empty() ? file.problem : "holds \"" + log::printable(file.text) + "\", which is no namespace";
  found.push_back(settings.service_account_dir + "/namespace " + problem +
                  ". Set HTTP_HEALTHCHECK_SIDECAR_TARGET_NAMESPACE, or mount the service account there");
  return {};
}

}  // namespace

std::variant<target_pod, configuration_errors> resolve_target(const config::config& settings,
                                                              const token_claims& claims, token_state token,
                                                              const namespace_file& file) {
  configuration_errors found;
  target_pod target;
  target.pod.name = resolve_pod(settings, claims, target);
  check_pod(target, token, found);
  target.pod.namespace_name = resolve_namespace(settings, claims, token, file, found);
  const bool is_complete = !target.pod.name.empty() && !target.pod.namespace_name.empty();
  if (!found.empty() || !is_complete) return found;
  return target;
}

std::string bound_uid(const pod_name& pod, const token_claims& claims) {
  const bool is_our_own = pod.name == claims.pod_name && pod.namespace_name == claims.namespace_name;
  return is_our_own ? claims.pod_uid : std::string{};
}

health::requirement requirement_of(const config::config& settings) {
  return settings.require == config::requirement::pod ? health::requirement::pod : health::requirement::containers;
}

health::unhealthy_statuses statuses_of(const config::config& settings) noexcept {
  return {.down = settings.unhealthy_status, .drain = settings.drain_status};
}

}  // namespace sidecar::kube
