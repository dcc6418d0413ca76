#include "sidecar/app/cluster_identity.hpp"

#include <string_view>

namespace sidecar::app {
namespace {

using config::configuration_errors;

/// A permission that was denied already comes with advice: the file is mounted.
std::string describe(const watched_file& file, std::string_view wanted) {
  auto text = file.path() + ' ' + file.describe_problem();
  if (file.last_error() == errc::file_permission_denied) return text;
  return text.append(". Mount ")
      .append(wanted)
      .append(", or name its directory in HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR");
}

std::string token_error(const kube::service_account& credentials) {
  return describe(credentials.token_file(),
                  "a service-account token there (projected volume, or automountServiceAccountToken: true)");
}

}  // namespace

/// The first read decides whether the process can start; a later one never replaces good content with bad.
std::variant<std::unique_ptr<cluster_identity>, configuration_errors> read_cluster_identity(
    const config::config& settings) {
  auto opened = std::make_unique<cluster_identity>(settings.service_account_dir);
  auto& credentials = opened->credentials;
  configuration_errors found;
  credentials.refresh_token();  // its claims name the pod, even if the token is never sent
  const auto token = kube::state_of_token(credentials);
  if (settings.api_server->tls) {
    if (token != kube::token_state::read) found.push_back(token_error(credentials));
    credentials.refresh_ca();
    if (!credentials.tls()) {
      found.push_back(describe(credentials.ca_file(), "the cluster's CA bundle there (ConfigMap kube-root-ca.crt)"));
    }
  }
  auto target = kube::resolve_target(settings, credentials.claims(), token, credentials.read_namespace());
  if (auto* more = std::get_if<configuration_errors>(&target)) {
    const bool only_token_names_pod = more->empty() && found.empty();
    if (only_token_names_pod) found.push_back(token_error(credentials));
    found.insert(found.end(), more->begin(), more->end());
  } else {
    opened->target = std::move(std::get<kube::target_pod>(target));
  }
  if (!found.empty()) return found;
  return opened;
}

}  // namespace sidecar::app
