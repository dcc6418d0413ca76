#include "sidecar/app/api_access.hpp"

#include "sidecar/base/version.hpp"

namespace sidecar::app {

kube::api_client_settings make_api_settings(const config::config& settings, const cluster_identity& identity) {
  kube::api_client_settings made{.url = *settings.api_server,
                                 .pod = identity.target.pod,
                                 .maintenance_label = settings.maintenance_label,
                                 .timeout = settings.api_timeout,
                                 .limiter = std::make_shared<kube::rate_limiter>(settings.api_qps),
                                 .user_agent = std::string{"http-healthcheck-sidecar/"}.append(version)};
  if (settings.mode == config::run_mode::node) made.node = {settings.node_name, settings.target_namespace};
  return made;
}

}  // namespace sidecar::app
