#include "sidecar/doctor/review.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/base/json.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/error_text.hpp"

namespace sidecar::doctor {
namespace {

/// The names in it are DNS-1123 names: they need no escapes.
review_request access_review(std::string_view path, std::string_view kind, const std::string& spec) {
  return {path,
          R"({"kind":")" + std::string{kind} + R"(","apiVersion":"authorization.k8s.io/v1","spec":)" + spec + "}"};
}

/// An API server that does not know the path answers in plain text.
bool is_of_api_server(const kube::api_response& response) {
  return kube::parse_status(response.body).has_value() || response.body.starts_with("404 page not found");
}

using document = std::variant<json::value, cannot_ask, kube::failure>;

document read_review(const kube::api_response& response, std::string_view kind) {
  const bool is_success = response.status == 200 || response.status == 201;
  if (is_success && response.is_whole() && !kube::is_compressed(response)) {
    auto tree = json::read_tree(response.body, json::all_but({"managedFields"}));
    if (tree && (*tree)["kind"].text == kind) return std::move(*tree);
  }
  if (is_success) {
    return kube::protocol_failure("HTTP " + std::to_string(response.status) + " without a " + std::string{kind} +
                                  " in it: " + kube::error_text(response.body));
  }
  auto refused = kube::refusal_of(response);
  const bool is_refused = response.status == 403 || response.status == 404;
  // An API server implements POST here, whatever its version.
  if (response.status == 501) return kube::protocol_failure(std::move(refused.detail));
  if (!is_refused) return refused;
  if (!is_of_api_server(response)) return kube::protocol_failure(std::move(refused.detail));
  return cannot_ask{std::move(refused.detail)};
}

template <class T, class Read>
reviewed<T> read(const kube::api_response& response, std::string_view kind, Read read_status) {
  auto found = read_review(response, kind);
  if (auto* refused = std::get_if<cannot_ask>(&found)) return std::move(*refused);
  if (auto* failed = std::get_if<kube::failure>(&found)) return std::move(*failed);
  return read_status(std::get<json::value>(found)["status"]);
}

std::string first_of(const json::value& list) { return list.elements.empty() ? "" : list.elements.front().text; }

bool has(const json::value& list, std::string_view wanted) {
  return std::ranges::any_of(list.elements,
                             [wanted](const auto& one) { return one.text == wanted || one.text == "*"; });
}

}  // namespace

review_request identity_review() {
  return {"/apis/authentication.k8s.io/v1/selfsubjectreviews",
          R"({"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"})"};
}

review_request access_review(std::string_view verb, const kube::pod_name& pod) {
  return access_review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "SelfSubjectAccessReview",
                       R"({"resourceAttributes":{"namespace":")" + pod.namespace_name + R"(","verb":")" +
                           std::string{verb} + R"(","resource":"pods","name":")" + pod.name + R"("}})");
}

review_request access_review(std::string_view verb, const kube::node_name& node) {
  return access_review("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "SelfSubjectAccessReview",
                       R"({"resourceAttributes":{"verb":")" + std::string{verb} + R"(","resource":"nodes","name":")" +
                           node.text + R"("}})");
}

review_request rules_review(std::string_view name_space) {
  return access_review("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "SelfSubjectRulesReview",
                       R"({"namespace":")" + std::string{name_space} + R"("})");
}

reviewed<known_user> read_identity(const kube::api_response& response) {
  return read<known_user>(response, "SelfSubjectReview", [](const json::value& status) {
    const auto& user = status["userInfo"];
    const auto& extra = user["extra"];
    return known_user{.user = user["username"].text,
                      .pod_name = first_of(extra["authentication.kubernetes.io/pod-name"]),
                      .pod_uid = first_of(extra["authentication.kubernetes.io/pod-uid"])};
  });
}

reviewed<bool> read_access(const kube::api_response& response) {
  return read<bool>(response, "SelfSubjectAccessReview",
                    [](const json::value& status) { return status["allowed"].is_true; });
}

reviewed<named_rules> read_rules(const kube::api_response& response) {
  return read<named_rules>(response, "SelfSubjectRulesReview", [](const json::value& status) {
    named_rules found;
    for (const auto& rule : status["resourceRules"].elements) {
      if (!has(rule["verbs"], "get") || !has(rule["resources"], "pods")) continue;
      auto& names = found.emplace_back();
      for (const auto& name : rule["resourceNames"].elements) names.push_back(name.text);
    }
    return found;
  });
}

}  // namespace sidecar::doctor
