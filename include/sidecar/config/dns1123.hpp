#pragma once

#include <string_view>

/// PURE. What Kubernetes accepts as names of objects and as keys.
namespace sidecar::config {

/// RFC 1123 subdomain, at most 253 bytes: what Kubernetes accepts as a pod's name (no limit for a single label).
bool is_dns1123_subdomain(std::string_view text) noexcept;

/// RFC 1123 label, at most 63 bytes: what Kubernetes accepts as the name of a namespace or a container.
bool is_dns1123_label(std::string_view text) noexcept;

/// What Kubernetes accepts as the key of a label: a name, after a DNS-1123 subdomain and a slash if it has a prefix.
bool is_label_key(std::string_view text) noexcept;

}  // namespace sidecar::config
