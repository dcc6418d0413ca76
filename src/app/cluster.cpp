#include "sidecar/app/cluster.hpp"

namespace sidecar::app {
namespace {

using mistakes = std::vector<std::string>;

/// The first reading decides whether there is anything to start with; later ones only ever improve on it.
void read_credentials(kube::service_account& credentials, mistakes& found) {
  credentials.refresh_token();
  if (credentials.token().empty()) {
    found.push_back(credentials.token_file().path() + ' ' + credentials.token_file().last_error().message() +
                    ". Mount a service-account token there (projected volume, or automountServiceAccountToken: true), "
                    "or name its directory in HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR");
  }
  credentials.refresh_ca();
  if (!credentials.tls()) {
    found.push_back(credentials.ca_file().path() + ' ' + credentials.ca_file().last_error().message() +
                    ". Mount the cluster's CA bundle there (ConfigMap kube-root-ca.crt), or name its directory in "
                    "HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR");
  }
}

}  // namespace

std::variant<std::unique_ptr<cluster>, mistakes> open_cluster(const config::config& settings) {
  auto opened = std::make_unique<cluster>(settings.service_account_dir);
  mistakes found;
  if (settings.api_server->tls) {
    read_credentials(opened->credentials, found);
  } else {
    opened->credentials.refresh_token();  // it says who we are, if it is there, and is not sent
  }
  auto target = kube::resolve_target(settings, opened->credentials.claims(), opened->credentials.read_namespace());
  if (auto* more = std::get_if<mistakes>(&target)) {
    found.insert(found.end(), more->begin(), more->end());
  } else {
    opened->target = std::move(std::get<kube::target_pod>(target));
  }
  if (!found.empty()) return found;
  return opened;
}

}  // namespace sidecar::app
