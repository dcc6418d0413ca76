#pragma once

#include <string_view>

namespace sidecar::config {

/// PURE. True for a service-link variable: for a Service called `http-healthcheck-sidecar` or
/// `http-healthcheck-sidecar-x` Kubernetes gives every pod of the namespace variables that start with our prefix
/// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables). `rest` is the name after
/// the prefix. The value decides too: ..._PORT=3000 is an operator's guess at an option, no link.
bool is_service_link(std::string_view rest, std::string_view value) noexcept;

}  // namespace sidecar::config
