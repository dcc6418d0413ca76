#include "support/reviews.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "support/base64url.hpp"
namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view authorization = "authorization.k8s.io/v1";

answer created(const ordered_json& document) {
  answer result;
  result.status = 201;
  result.body = std::make_shared<const std::string>(document.dump() + "\n");
  return result;
}

/// What the real server adds for a token that is bound to a pod.
ordered_json extra_of(const std::string& token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  ordered_json extra = ordered_json::object();
  if (first == std::string::npos || second == std::string::npos) return extra;
  const auto claims = ordered_json::parse(from_base64url(std::string_view{token}.substr(first + 1, second - first - 1)),
                                          nullptr, false);
  const ordered_json::json_pointer pod{"/kubernetes.io/pod"};
  if (claims.is_discarded() || !claims.contains(pod)) return extra;
  extra["authentication.kubernetes.io/pod-name"] = {claims.at(pod).at("name")};
  extra["authentication.kubernetes.io/pod-uid"] = {claims.at(pod).at("uid")};
  return extra;
}

answer review_identity(const reviewed_user& user) {
  ordered_json info{{"username", user.name}, {"groups", {"system:serviceaccounts", "system:authenticated"}}};
  if (const auto extra = extra_of(user.token); !extra.empty()) info["extra"] = extra;
  return created({{"kind", "SelfSubjectReview"},
                  {"apiVersion", "authentication.k8s.io/v1"},
                  {"metadata", {{"creationTimestamp", "2026-11-29T03:17:57Z"}}},
                  {"status", {{"userInfo", info}}}});
}

answer review_access(const ordered_json& spec, const reviewed_user& user) {
  const auto attributes = spec.value("resourceAttributes", ordered_json::object());
  const bool allowed = user.may(attributes.value("verb", ""), attributes.value("namespace", ""),
                                attributes.value("resource", ""), attributes.value("name", ""));
  ordered_json status{{"allowed", allowed}};
  if (allowed) status["reason"] = "RBAC: allowed by RoleBinding \"getter/demo\" of Role \"getter\" to ServiceAccount";
  return created({{"kind", "SelfSubjectAccessReview"},
                  {"apiVersion", authorization},
                  {"metadata", ordered_json::object()},
                  {"spec", spec},
                  {"status", status}});
}

answer review_rules(const ordered_json& spec, const reviewed_user& user) {
  ordered_json rules = ordered_json::array();
  rules.push_back({{"verbs", {"create"}},
                   {"apiGroups", {"authorization.k8s.io"}},
                   {"resources", {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}}});
  for (const shown_rule& one : user.rules(spec.value("namespace", ""))) {
    ordered_json rule{{"verbs", one.verbs}, {"apiGroups", {""}}, {"resources", {one.resource}}};
    if (!one.name.empty()) rule["resourceNames"] = {one.name};
    rules.push_back(rule);
  }
  return created(
      {{"kind", "SelfSubjectRulesReview"},
       {"apiVersion", authorization},
       {"metadata", ordered_json::object()},
       {"spec", ordered_json::object()},
       {"status", {{"resourceRules", rules}, {"nonResourceRules", ordered_json::array()}, {"incomplete", false}}}});
}

}  // namespace

std::optional<answer> review(const http_request& request, const std::string& path, const reviewed_user& user) {
  if (request.method != "POST") return std::nullopt;
  const auto document = ordered_json::parse(request.body, nullptr, false);
  const auto spec = document.is_object() ? document.value("spec", ordered_json::object()) : ordered_json::object();
  if (path == "/apis/authentication.k8s.io/v1/selfsubjectreviews") return review_identity(user);
  if (path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") return review_access(spec, user);
  if (path == "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews") return review_rules(spec, user);
  return std::nullopt;
}

}  // namespace sidecar::test
