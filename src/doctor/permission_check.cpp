#include "sidecar/doctor/permission_check.hpp"

#include <vector>

#include "sidecar/base/text_list.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/target_check.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::doctor {
namespace {

using namespace std::string_literals;

constexpr std::string_view service_account_user = "system:serviceaccount:";

/// For a POSIX shell. A name is the API server's, or that of a server in its place.
std::string quoted(const std::string& text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-";
  if (!text.empty() && text.find_first_not_of(plain) == text.npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  return out + '\'';
}

/// The option of `kubectl create rolebinding` for a user.
std::string subject_of(const std::string& user) {
  if (user.empty()) return "--serviceaccount=NAMESPACE:SERVICE-ACCOUNT";
  if (!user.starts_with(service_account_user)) return "--user=" + quoted(user);
  return "--serviceaccount=" + quoted(user.substr(service_account_user.size()));
}

std::string who(const access_facts& facts) { return facts.user.empty() ? "this service account" : facts.user; }

/// "game-1, game-2": the pods that the rules name.
std::string named_pods(const named_rules& rules) {
  std::vector<std::string_view> all;
  for (const auto& names : rules) all.insert(all.end(), names.begin(), names.end());
  return joined(all);
}

finding refused_get(const access_facts& facts) {
  finding refused{level::fail, checks::permissions,
                  who(facts) + " may not get the pod " + to_string(facts.pod) + ": every answer is ApiForbidden",
                  role_commands(facts)};
  const auto named = named_pods(facts.rules);
  if (!named.empty()) {
    refused.what += "; its Role allows only the resourceNames " + named;
    refused.hint = "add " + facts.pod.name + " to the Role's resourceNames, or remove them: " + refused.hint;
  }
  return refused;
}

/// "list and watch"; for a refusal of one of them at least.
std::string missing_verbs(const access_facts& facts) {
  return facts.list == true ? "watch" : facts.watch == true ? "list" : "list and watch";
}

finding check_watch(const access_facts& facts) {
  if (facts.list == true && facts.watch == true) {
    return {level::ok, checks::permissions, who(facts) + " may list and watch the pod"};
  }
  const auto what = who(facts) + " may not " + missing_verbs(facts) + " the pod";
  if (!facts.needs_watch) return {level::ok, checks::permissions, what + ", which only SOURCE=watch needs"};
  return {level::warn, checks::permissions, what + ": with SOURCE=watch answers are live, a GET for each query",
          role_commands(facts)};
}

}  // namespace

finding check_failure(const kube::failure& problem) {
  const bool is_unauthorized = problem.why == health::reason::api_unauthorized;
  return {level::fail, is_unauthorized ? checks::identity : checks::api,
          std::string{name(problem.why)} + ": " + std::string{meaning(problem.why)} + " (" + problem.detail + ')',
          std::string{advice(problem.why)}};
}

finding check_identity(const reviewed<known_user>& answer, const kube::token_claims& claims) {
  if (const auto* failed = std::get_if<kube::failure>(&answer)) return check_failure(*failed);
  if (const auto* refused = std::get_if<cannot_ask>(&answer)) {
    return {level::ok, checks::identity,
            "cannot ask (SelfSubjectReview: Kubernetes 1.28, or taken away): " + refused->detail};
  }
  const auto& found = std::get<known_user>(answer);
  auto text = "the API server knows us as " + found.user;
  if (found.pod_name.empty()) return {level::ok, checks::identity, std::move(text)};
  text += ", of pod " + found.pod_name;
  const bool agrees = claims.pod_uid.empty() || claims.pod_uid == found.pod_uid;
  if (agrees) return {level::ok, checks::identity, std::move(text)};
  return {level::warn, checks::identity, text + " with uid " + found.pod_uid + ", the token says " + claims.pod_uid,
          "check which proxy in between replaces the token"};
}

findings check_permissions(const access_facts& facts) {
  if (!facts.get) {
    return {{level::ok, checks::permissions,
             "cannot ask (SelfSubjectAccessReview is not allowed): " + facts.cannot_ask +
                 "; the request for the pod itself will show"}};
  }
  findings found;
  if (*facts.get) {
    found.push_back({level::ok, checks::permissions, who(facts) + " may get the pod " + to_string(facts.pod)});
  } else {
    found.push_back(refused_get(facts));
  }
  if (facts.list && facts.watch) found.push_back(check_watch(facts));
  return found;
}

findings check_node_permissions(const access_facts& facts) {
  if (!facts.list) {
    return {
        {level::ok, checks::permissions,
         "cannot ask (SelfSubjectAccessReview is not allowed): " + facts.cannot_ask + "; the LIST itself will show"}};
  }
  const auto what = pods_of(facts.pod.namespace_name);
  if (facts.list == true && facts.watch == true) {
    return {{level::ok, checks::permissions, who(facts) + " may list and watch " + what}};
  }
  return {{level::fail, checks::permissions,
           who(facts) + " may not " + missing_verbs(facts) + ' ' + what + ": every answer is ApiForbidden",
           facts.pod.namespace_name.empty()
               ? "apply deploy/node's ClusterRole and ClusterRoleBinding, or set TARGET_NAMESPACE to the one namespace "
                 "whose pods it may list"
               : role_commands(facts)}};
}

std::string role_commands(const access_facts& facts) {
  const auto& name_space = facts.pod.namespace_name;
  return "kubectl create role health-sidecar --verb=" + std::string{facts.needs_watch ? "get,list,watch" : "get"} +
         " --resource=pods -n " + name_space + " && kubectl create rolebinding health-sidecar --role=health-sidecar " +
         subject_of(facts.user) + " -n " + name_space;
}

std::string cluster_role_commands(const std::string& user) {
  const bool is_account = user.starts_with(service_account_user);
  const auto account = is_account ? user.substr(service_account_user.size()) : "NAMESPACE:"s;
  const auto name = quoted("health-sidecar-node-drain-" + account.substr(0, account.find(':')));
  return "kubectl create clusterrole " + name +
         " --verb=get,list,watch --resource=nodes && kubectl create "
         "clusterrolebinding " +
         name + " --clusterrole=" + name + ' ' + subject_of(user);
}

}  // namespace sidecar::doctor
