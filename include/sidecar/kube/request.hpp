#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/kube/pod_name.hpp"

/// PURE. The requests to the API server.
namespace sidecar::kube {

std::string get_target(const pod_name& pod);

/// A LIST of `pod` only. Without a resourceVersion it is a consistent read. RBAC treats the field selector as a
/// resource name (kubernetes/kubernetes apiserver/pkg/endpoints/request/requestinfo.go).
std::string list_target(const pod_name& pod);

/// A WATCH on `pod` only, for events after `version`, with bookmarks. The API server ends it after `length`.
std::string watch_target(const pod_name& pod, std::string_view version, std::chrono::seconds length);

/// The whole request: a GET, or with a `body`, which is JSON, a POST. `authority` is the Host field's value; without a
/// `token` there is no Authorization field. No Accept-Encoding: a compressed response is an error.
std::string render_request(std::string_view target, std::string_view authority, std::string_view user_agent,
                           std::optional<std::string_view> token, std::string_view body = {});

}  // namespace sidecar::kube
