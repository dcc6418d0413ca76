#include "sidecar/kube/target.hpp"

#include "sidecar/base/log.hpp"
#include "sidecar/config/load.hpp"

namespace sidecar::kube {
namespace {

using mistakes = std::vector<std::string>;

std::string resolve_pod(const config::config& settings, const token_claims& claims, target_pod& into) {
  if (!settings.target_pod_override.empty()) {
    into.origin = "TARGET_POD_OVERRIDE";
    return settings.target_pod_override;
  }
  if (!claims.pod_name.empty()) {
    into.origin = "the service-account token";
    if (!settings.hostname.empty() && settings.hostname != claims.pod_name) {
      into.disagreement = "the pod's name is taken from the token (" + claims.pod_name + "), not from HOSTNAME (" +
                          log::printable(settings.hostname) + "), which is normal under hostNetwork";
    }
    return claims.pod_name;
  }
  into.origin = "HOSTNAME";
  return settings.hostname;
}

void check_pod(const target_pod& target, mistakes& found) {
  if (target.pod.name.empty()) {
    found.push_back(
        "the pod's name is unknown: the token is bound to no pod and HOSTNAME is empty. Set "
        "HTTP_HEALTHCHECK_SIDECAR_TARGET_POD_OVERRIDE to it (downward API: fieldPath metadata.name)");
  } else if (!config::is_dns1123_subdomain(target.pod.name)) {
    found.push_back("HOSTNAME is \"" + log::printable(target.pod.name) +
                    "\", which is no pod name. Set HTTP_HEALTHCHECK_SIDECAR_TARGET_POD_OVERRIDE to the pod's name");
  }
}

std::string resolve_namespace(const config::config& settings, const result<std::string>& file, mistakes& found) {
  if (!settings.target_namespace.empty()) return settings.target_namespace;
  if (file && config::is_dns1123_label(*file)) return *file;
  const auto problem = file ? "holds \"" + log::printable(*file) + "\", which is no namespace" : file.error().message();
  found.push_back(settings.service_account_dir + "/namespace " + problem +
                  ". Set HTTP_HEALTHCHECK_SIDECAR_TARGET_NAMESPACE, or mount the service account there");
  return {};
}

}  // namespace

std::variant<target_pod, mistakes> resolve_target(const config::config& settings, const token_claims& claims,
                                                  const result<std::string>& namespace_file) {
  mistakes found;
  target_pod target;
  target.pod.name = resolve_pod(settings, claims, target);
  check_pod(target, found);
  target.pod.namespace_name = resolve_namespace(settings, namespace_file, found);
  if (!found.empty()) return found;
  return target;
}

std::string bound_uid(const pod_name& pod, const token_claims& claims) {
  const bool is_our_own = pod.name == claims.pod_name && pod.namespace_name == claims.namespace_name;
  return is_our_own ? claims.pod_uid : std::string{};
}

}  // namespace sidecar::kube
