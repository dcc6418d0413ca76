#pragma once

#include <memory>
#include <string>
#include <variant>

#include "sidecar/config/config.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::app {

/// What the service account's files say before the first API call: the credentials and the target pod.
struct cluster_identity {
  explicit cluster_identity(const std::string& service_account_dir) : credentials(service_account_dir) {}

  kube::service_account credentials;
  kube::target_pod target;
};

/// Reads the service account and resolves the target. Returns every configuration error with a hint. Opens files only.
/// A plain-text API server (kubectl proxy) needs neither token nor CA.
std::variant<std::unique_ptr<cluster_identity>, config::configuration_errors> read_cluster_identity(
    const config::config& settings);

}  // namespace sidecar::app
