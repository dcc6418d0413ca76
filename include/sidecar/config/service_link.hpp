#pragma once

#include <string_view>

namespace sidecar::config {

/// True for a variable that Kubernetes sets by itself: for a Service called `http-healthcheck-sidecar` or
/// `http-healthcheck-sidecar-x` every pod of the namespace gets variables that begin like ours. `rest` is the name
/// after our prefix. The value is looked at too, so that ..._PORT=3000, somebody's guess at an option, is no link.
bool is_service_link(std::string_view rest, std::string_view value) noexcept;

}  // namespace sidecar::config
