#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_name.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/response_parser.hpp"

/// PURE. The reviews of the authentication.k8s.io and authorization.k8s.io APIs, which every authenticated user may
/// create (ClusterRole system:basic-user): requests and responses.
namespace sidecar::doctor {

/// A POST's path and its JSON.
struct review_request {
  std::string_view path;
  std::string body;
};

/// Who the API server takes us for. Since Kubernetes 1.28.
review_request identity_review();
/// Whether `verb` on that one pod is allowed. Without the name a Role with resourceNames would look like a refusal.
review_request access_review(std::string_view verb, const kube::pod_name& pod);
/// The same for a node.
review_request access_review(std::string_view verb, const kube::node_name& node);
/// The rules that apply to us in a namespace.
review_request rules_review(std::string_view name_space);

/// 403 or 404 as a Status: an administrator has taken these reviews away, or the API server is older. It says nothing
/// about pods.
struct cannot_ask {
  std::string detail;
};
template <class T>
using reviewed = std::variant<T, cannot_ask, kube::failure>;

struct known_user {
  std::string user;
  std::string pod_name{};  ///< that the token is bound to; empty: none
  std::string pod_uid{};
};
reviewed<known_user> read_identity(const kube::api_response& response);

/// True if it is allowed.
reviewed<bool> read_access(const kube::api_response& response);

/// For each rule that allows to get pods its resourceNames; an empty list means every pod.
using named_rules = std::vector<std::vector<std::string>>;
reviewed<named_rules> read_rules(const kube::api_response& response);

}  // namespace sidecar::doctor
