#include "sidecar/doctor/files_check.hpp"

#include <algorithm>
#include <optional>

#include "sidecar/base/file_access.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/time_text.hpp"

namespace sidecar::doctor {
namespace {

using std::chrono::sys_seconds;

std::string owner_text(const token_facts& facts) {
  const auto& claims = facts.claims;
  std::string text = claims.pod_name.empty() ? "the token is bound to no pod"
                                             : "the token is bound to " + claims.namespace_name + '/' +
                                                   claims.pod_name + " (uid " + claims.pod_uid + ')';
  if (!facts.service_account.empty()) {
    text += ", service account " + claims.namespace_name + '/' + facts.service_account;
  }
  return text;
}

constexpr std::string_view renewal =
    "the kubelet renews a projected token: check that the file is the projected volume and no copy of it (Secret, "
    "subPath), and this node's clock; otherwise delete the pod";

/// A permission that was denied already comes with advice (explain_denial): the file is mounted.
finding unusable(std::string_view check, const std::string& path, const std::string& problem, std::string_view hint) {
  const auto advice = problem.find("permission denied") == problem.npos ? problem.npos : problem.find(". ");
  if (advice == problem.npos) return {level::fail, check, path + ' ' + problem, std::string{hint}};
  return {level::fail, check, path + ' ' + problem.substr(0, advice), problem.substr(advice + 2)};
}

/// Too late, or soon.
std::optional<finding> check_expiry(const token_facts& facts, sys_seconds now) {
  if (facts.expires && *facts.expires <= now) {
    return finding{level::fail, checks::token,
                   "the token expired " + rough_text(now - *facts.expires) + " ago, at " + time_text(*facts.expires) +
                       ": the API server answers 401",
                   std::string{renewal}};
  }
  if (facts.renew_by && *facts.renew_by <= now) {
    return finding{level::warn, checks::token,
                   "the token should have been renewed " + rough_text(now - *facts.renew_by) + " ago",
                   std::string{renewal}};
  }
  return std::nullopt;
}

std::string certificates_text(const std::vector<net::certificate_facts>& found) {
  constexpr std::size_t max_shown = 4;
  std::string text = std::to_string(found.size()) + (found.size() == 1 ? " certificate: " : " certificates: ");
  for (std::size_t i = 0; i < std::min(found.size(), max_shown); ++i) {
    text += (i == 0 ? "" : "; ") + found[i].subject + ", valid until " + time_text(found[i].valid.end);
  }
  if (found.size() > max_shown) text += "; ...";
  return text;
}

}  // namespace

findings check_token(const token_facts& facts, sys_seconds now) {
  if (!facts.problem.empty()) {
    return {unusable(checks::token, facts.path, facts.problem,
                     "mount a projected service-account token there (deploy/native-sidecar), set "
                     "automountServiceAccountToken: true, or name its directory in SERVICE_ACCOUNT_DIR")};
  }
  if (auto late = check_expiry(facts, now)) return {std::move(*late)};
  auto text = owner_text(facts) + ", mode " + mode_text(facts.mode);
  if (facts.expires) text += ", expires in " + rough_text(*facts.expires - now);
  return {{level::ok, checks::token, std::move(text)}};
}

findings check_ca(const std::string& path, const std::string& problem, const std::vector<net::certificate_facts>& found,
                  sys_seconds now) {
  if (!problem.empty()) {
    return {unusable(checks::ca, path, problem,
                     "mount the cluster's CA bundle there (ConfigMap kube-root-ca.crt), or name its directory in "
                     "SERVICE_ACCOUNT_DIR")};
  }
  findings out;
  for (const auto& one : found) {
    if (one.valid.end > now && one.valid.begin <= now) continue;
    out.push_back({level::warn, checks::ca,
                   one.subject + " in " + path + " is valid from " + time_text(one.valid.begin) + " to " +
                       time_text(one.valid.end) + ", and it is " + time_text(now),
                   "renew the cluster's CA, or set this node's clock"});
  }
  if (out.empty()) out.push_back({level::ok, checks::ca, certificates_text(found)});
  return out;
}

}  // namespace sidecar::doctor
