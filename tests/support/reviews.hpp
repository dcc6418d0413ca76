#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/answers.hpp"
#include "support/http_request.hpp"

namespace sidecar::test {

/// A rule as a SelfSubjectRulesReview shows it.
struct shown_rule {
  std::vector<std::string> verbs;
  std::string resource;
  std::string name;  ///< empty: all
};

/// Who asks, and what RBAC says of it.
struct reviewed_user {
  std::string name;
  std::string token;
  /// verb, namespace, resource, name
  std::function<bool(const std::string&, const std::string&, const std::string&, const std::string&)> may;
  std::function<std::vector<shown_rule>(const std::string&)> rules;
};

/// The answer to a POST of a SelfSubjectReview, SelfSubjectAccessReview or SelfSubjectRulesReview, in the form of the
/// real server's (tests/data/recordings has two of the three kinds); nothing for any other request.
std::optional<answer> review(const http_request& request, const std::string& path, const reviewed_user& user);

}  // namespace sidecar::test
