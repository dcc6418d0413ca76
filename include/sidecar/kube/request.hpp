#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/kube/node_name.hpp"
#include "sidecar/kube/node_scope.hpp"
#include "sidecar/kube/pod_name.hpp"

/// PURE. The requests to the API server.
namespace sidecar::kube {

std::string get_target(const pod_name& pod);

/// A LIST of `pod` only. Without a resourceVersion it is a consistent read. RBAC treats the field selector as a
/// resource name (kubernetes/kubernetes apiserver/pkg/endpoints/request/requestinfo.go).
std::string list_target(const pod_name& pod);

/// A WATCH on `pod` only, for events after `version`, with bookmarks. The API server ends it after `length`.
std::string watch_target(const pod_name& pod, std::string_view version, std::chrono::seconds length);

/// A LIST of the node's pods that have the label of a workload. With a `version` it is served from the API server's
/// cache, once that is not older, and costs etcd nothing. Without one it is a consistent read; before consistent reads
/// from the cache (Kubernetes 1.31) that reads every pod of the cluster from etcd. It never requests pages.
std::string node_pods_target(const node_scope& scope, std::string_view version = {});

/// The next page of such a list, for the `continue` of the page before. A version is not allowed with it (Kubernetes
/// API concepts, "Retrieving large results sets in chunks").
std::string node_pods_next_page(const node_scope& scope, std::string_view token);

/// A WATCH on the same pods. A pod that loses the label is deleted, as far as this watch is concerned.
std::string node_pods_watch_target(const node_scope& scope, std::string_view version, std::chrono::seconds length);

/// A GET, a LIST and a WATCH of the node itself, as those of `pod` above.
std::string get_target(const node_name& node);
std::string list_target(const node_name& node);
std::string watch_target(const node_name& node, std::string_view version, std::chrono::seconds length);

/// The whole request: a GET, or with a `body`, which is JSON, a POST. `authority` is the Host field's value; without a
/// `token` there is no Authorization field. No Accept-Encoding: a compressed response is an error.
std::string render_request(std::string_view target, std::string_view authority, std::string_view user_agent,
                           std::optional<std::string_view> token, std::string_view body = {});

}  // namespace sidecar::kube
