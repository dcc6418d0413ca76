#include "sidecar/doctor/examine_pod.hpp"

#include <string>
#include <utility>
#include <variant>

#include "sidecar/base/log.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/own_options.hpp"
#include "sidecar/doctor/pod_check.hpp"
#include "sidecar/doctor/spec_errors.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::doctor {
namespace {

void append(findings& found, findings more) {
  for (auto& one : more) found.push_back(std::move(one));
}

/// `is_own_pod`: the sidecar runs in it, as far as the token says.
finding describe_own(const container_spec* own, const std::string& wanted, bool has_errors, bool is_own_pod) {
  if (own != nullptr) {
    return {level::ok, checks::spec,
            (has_errors ? "the sidecar is container " : "no error found; the sidecar is container ") + own->name};
  }
  if (!wanted.empty()) {
    return {level::warn, checks::spec, "the pod has no container " + wanted + ", which CONTAINER_NAME names",
            "write the name of the sidecar's container in CONTAINER_NAME"};
  }
  return {is_own_pod ? level::warn : level::ok, checks::spec,
          "the sidecar's own container is unknown in this pod: its ports, limits and mounts were not checked",
          is_own_pod ? "name it in the environment variable CONTAINER_NAME" : ""};
}

/// The sidecar's own options in place of the doctor's.
void use_options(const container_spec& own, const given_options& options, pod_examination& out) {
  const auto loaded = options_of(own, options.variables, options.flags);
  if (const auto* usable = std::get_if<config::config>(&loaded)) {
    out.settings = *usable;
    return;
  }
  const auto& errors = std::get<config::configuration_errors>(loaded);
  out.found.push_back({level::warn, checks::spec,
                       "the options of container " + own.name +
                           " are in error, so it does not start, and the checks below use doctor's own: " +
                           log::printable(errors.front(), 200),
                       "correct its args and env; kubectl logs POD -c " + own.name + " has every error"});
}

}  // namespace

pod_examination examine_pod(std::string_view json, const kube::token_claims& claims, const given_options& options,
                            const std::string& node_drain) {
  const auto& given = options.config;
  const auto tree = read_pod_tree(json);
  if (!tree) {
    return {{{level::warn, checks::spec, "the pod's JSON is not examined: " + tree.error().message()}}, given};
  }
  const auto spec = read_pod_spec(*tree);
  const auto* own = find_own_container(spec, given.container_name, given.listen.port);
  pod_examination out{describe_pod(*tree, spec), given};
  if (own != nullptr) use_options(*own, options, out);
  const bool is_in_pod = options.variables.contains("KUBERNETES_SERVICE_HOST");
  auto stranger = is_in_pod ? check_token_owner(claims, out.settings, &spec) : std::nullopt;
  if (stranger) out.found.push_back(std::move(*stranger));
  append(out.found, check_targets(spec, out.settings));
  const auto pod = health::read_pod(*tree, health::kind_rule::required, {out.settings.maintenance_label});
  const auto uid = pod ? kube::bound_uid(kube::name_of(*pod), claims) : std::string{};
  if (pod) {
    const health::target wanted{out.settings.target_containers, kube::requirement_of(out.settings), uid, node_drain};
    out.verdict = health::evaluate(*pod, wanted);
    out.found.push_back(check_verdict(*pod, wanted, out.settings));
    if (!out.settings.state_override.empty()) {
      out.verdict = health::verdict_of_override(out.settings.state_override);
      out.found.push_back(override_finding());
    }
  }
  auto errors = find_spec_errors(spec, own, out.settings);
  out.found.push_back(describe_own(own, given.container_name, !errors.empty(), !uid.empty()));
  append(out.found, std::move(errors));
  return out;
}

}  // namespace sidecar::doctor
