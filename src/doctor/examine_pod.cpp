#include "sidecar/doctor/examine_pod.hpp"

#include <string>
#include <utility>

#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/pod_check.hpp"
#include "sidecar/doctor/spec_mistakes.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::doctor {
namespace {

health::requirement requirement_of(const config::config& settings) {
  return settings.require == config::requirement::pod ? health::requirement::pod : health::requirement::containers;
}

void append(findings& found, findings more) {
  for (auto& one : more) found.push_back(std::move(one));
}

/// `is_own_pod`: the sidecar runs in it, as far as the token says.
finding describe_own(const container_spec* own, bool has_mistakes, bool is_own_pod) {
  if (own != nullptr) {
    return {level::ok, checks::spec,
            (has_mistakes ? "the sidecar is container " : "no mistake found; the sidecar is container ") + own->name};
  }
  return {is_own_pod ? level::warn : level::ok, checks::spec,
          "the sidecar's own container is unknown in this pod: its ports, limits and mounts were not checked",
          is_own_pod ? "name it in the environment variable CONTAINER_NAME" : ""};
}

}  // namespace

pod_examination examine_pod(std::string_view json, const kube::token_claims& claims, const given_options& options) {
  const auto& given = options.config;
  const auto tree = read_pod_tree(json);
  if (!tree) {
    return {{{level::warn, checks::spec, "the pod's JSON is not examined: " + tree.error().message()}}, given};
  }
  const auto spec = read_pod_spec(*tree);
  const auto* own = find_own_container(spec, given.container_name, given.listen.port);
  pod_examination out{describe_pod(*tree),
                      own == nullptr ? given : options_of(*own, given, options.variables, options.flags)};
  if (auto stranger = check_token_owner(claims, out.settings, &spec)) out.found.push_back(std::move(*stranger));
  append(out.found, check_targets(spec, out.settings));
  const auto pod = health::parse_pod(json, out.settings.maintenance_label);
  const auto uid = pod ? kube::bound_uid(kube::name_of(*pod), claims) : std::string{};
  if (pod) {
    const health::target wanted{out.settings.target_containers, requirement_of(out.settings), uid};
    out.verdict = health::evaluate(*pod, wanted);
    out.found.push_back(check_verdict(*pod, wanted, out.settings));
  }
  auto mistakes = find_spec_mistakes(spec, own, out.settings);
  out.found.push_back(describe_own(own, !mistakes.empty(), !uid.empty()));
  append(out.found, std::move(mistakes));
  return out;
}

}  // namespace sidecar::doctor
