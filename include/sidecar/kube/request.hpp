#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sidecar/kube/pod_name.hpp"

namespace sidecar::kube {

/// The request head of a GET for `pod`, complete but for the Authorization field and the empty line. `authority` is the
/// Host field's value. No Accept-Encoding: a compressed response is an error.
std::string render_get(const pod_name& pod, std::string_view authority, std::string_view user_agent);

/// The same for a LIST of `pod` only. Without a resourceVersion it is a consistent read. RBAC treats the field selector
/// as a resource name (kubernetes/kubernetes apiserver/pkg/endpoints/request/requestinfo.go).
std::string render_list(const pod_name& pod, std::string_view authority, std::string_view user_agent);

/// The same for a WATCH on `pod` only, for events after `version`, with bookmarks. The API server ends it after
/// `length`.
std::string render_watch(const pod_name& pod, std::string_view version, std::chrono::seconds length,
                         std::string_view authority, std::string_view user_agent);

}  // namespace sidecar::kube
