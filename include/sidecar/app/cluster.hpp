#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::app {

/// What files tell us before the first call: who we are and whom we ask about.
struct cluster {
  explicit cluster(const std::string& service_account_dir) : credentials(service_account_dir) {}

  kube::service_account credentials;
  kube::target_pod target;
};

/// Reads the service account and settles the target. Every mistake at once, each saying what to do; nothing is opened
/// but files. A plain-text API server (kubectl proxy) needs neither token nor CA.
std::variant<std::unique_ptr<cluster>, std::vector<std::string>> open_cluster(const config::config& settings);

}  // namespace sidecar::app
