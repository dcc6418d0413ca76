// A service-account token's claims, and the pod they lead to. An input that begins with "{" is the claims themselves,
// any other the whole token.

#include <cstdint>
#include <string>
#include <variant>

#include "fuzz/fuzz.hpp"
#include "fuzz/json_tree.hpp"
#include "sidecar/config/dns1123.hpp"
#include "sidecar/kube/target.hpp"
#include "sidecar/kube/token_claims.hpp"
#include "support/base64url.hpp"

namespace sidecar::fuzz {
namespace {

void check_alphabet(const kube::token_claims& claims) {
  require(claims.pod_name.empty() || config::is_dns1123_subdomain(claims.pod_name), "a pod's name is one");
  require(claims.namespace_name.empty() || config::is_dns1123_label(claims.namespace_name), "so is a namespace's");
}

void compare(const kube::token_claims& claims, std::string_view payload) {
  const auto whole = read_tree(payload);
  const auto pod = whole ? last_text(*whole, {"kubernetes.io", "pod", "name"}) : std::string();
  const auto space = whole ? last_text(*whole, {"kubernetes.io", "namespace"}) : std::string();
  const auto uid = whole ? last_text(*whole, {"kubernetes.io", "pod", "uid"}) : std::string();
  require(claims.pod_name == (config::is_dns1123_subdomain(pod) ? pod : ""), "the pod's name is the one claimed");
  require(claims.namespace_name == (config::is_dns1123_label(space) ? space : ""), "so is its namespace");
  require(claims.pod_uid == uid, "so is its uid");
}

/// The same bytes as a namespace file and as HOSTNAME.
void check_target(const kube::token_claims& claims, kube::token_state token, std::string_view input) {
  config::config settings;
  settings.hostname = input;
  const auto resolved = kube::resolve_target(settings, claims, token, {std::string(input), "is empty"});
  if (const auto* target = std::get_if<kube::target_pod>(&resolved)) {
    require(config::is_dns1123_subdomain(target->pod.name), "the pod asked for needs no encoding");
    require(config::is_dns1123_label(target->pod.namespace_name), "nor does its namespace");
    require(is_one_printable_line(target->disagreement), "a disagreement is one printable line");
    return;
  }
  for (const auto& mistake : std::get<std::vector<std::string>>(resolved))
    require(is_one_printable_line(mistake), "a mistake is one printable line");
}

}  // namespace

void try_input(std::string_view input) {
  const bool is_payload = input.starts_with('{');
  const auto token = is_payload ? "e30." + test::to_base64url(input) + ".c2ln" : std::string(input);
  const auto claims = kube::read_claims(token);
  check_alphabet(claims);
  if (is_payload) compare(claims, input);
  for (const auto state : {kube::token_state::read, kube::token_state::missing, kube::token_state::unreadable})
    check_target(claims, state, input);
}

}  // namespace sidecar::fuzz
