#include "sidecar/app/cluster.hpp"

#include <string_view>

namespace sidecar::app {
namespace {

using mistakes = std::vector<std::string>;

kube::token_state state_of(const kube::service_account& credentials) {
  if (!credentials.token().empty()) return kube::token_state::read;
  const bool missing = credentials.token_file().last_error() == errc::file_missing;
  return missing ? kube::token_state::missing : kube::token_state::unreadable;
}

/// A file that is there and may not be read says itself what to do: it has been mounted.
std::string mistake(const watched_file& file, std::string_view mount_it) {
  auto text = file.path() + ' ' + file.describe_problem();
  if (file.last_error() != errc::file_forbidden) text.append(". ").append(mount_it);
  return text;
}

std::string token_mistake(const kube::service_account& credentials) {
  return mistake(credentials.token_file(),
                 "Mount a service-account token there (projected volume, or automountServiceAccountToken: true), or "
                 "name its directory in HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR");
}

std::string ca_mistake(const kube::service_account& credentials) {
  return mistake(credentials.ca_file(),
                 "Mount the cluster's CA bundle there (ConfigMap kube-root-ca.crt), or name its directory in "
                 "HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR");
}

}  // namespace

/// The first reading decides whether there is anything to start with; later ones only ever improve on it.
std::variant<std::unique_ptr<cluster>, mistakes> open_cluster(const config::config& settings) {
  auto opened = std::make_unique<cluster>(settings.service_account_dir);
  auto& credentials = opened->credentials;
  mistakes found;
  credentials.refresh_token();  // it says who we are even where it is not sent
  const auto token = state_of(credentials);
  if (settings.api_server->tls) {
    if (token != kube::token_state::read) found.push_back(token_mistake(credentials));
    credentials.refresh_ca();
    if (!credentials.tls()) found.push_back(ca_mistake(credentials));
  }
  auto target = kube::resolve_target(settings, credentials.claims(), token, credentials.read_namespace());
  if (auto* more = std::get_if<mistakes>(&target)) {
    const bool only_the_token_knows = more->empty() && found.empty();
    if (only_the_token_knows) found.push_back(token_mistake(credentials));
    found.insert(found.end(), more->begin(), more->end());
  } else {
    opened->target = std::move(std::get<kube::target_pod>(target));
  }
  if (!found.empty()) return found;
  return opened;
}

}  // namespace sidecar::app
