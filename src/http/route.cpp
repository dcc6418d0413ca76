#include "sidecar/http/route.hpp"

#include <algorithm>
#include <array>

#include "sidecar/base/ascii.hpp"

namespace sidecar::http {
namespace {

struct entry {
  std::string_view path;
  http::route route;
};

constexpr std::string_view agent_path = "/nodez";
constexpr std::string_view agent_name = "nodez";  // no workload's name: those have a slash

constexpr std::array table{
    entry{"/healthz", route::health},
    entry{"/health", route::health},
    entry{"/", route::health},
    entry{"/livez", route::livez},
};

constexpr bool is_scheme(std::string_view text, std::string_view lower_case) noexcept {
  return equal_ignoring_case(text.substr(0, lower_case.size()), lower_case);
}

/// The path of an origin-form or absolute-form target, without its query.
constexpr std::string_view path_of(std::string_view target) noexcept {
  target = target.substr(0, target.find('?'));
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!is_scheme(target, scheme)) continue;
    const auto rest = target.substr(scheme.size());
    const auto slash = rest.find('/');
    if (rest.empty() || slash == 0) return {};
    return slash == rest.npos ? "/" : rest.substr(slash);
  }
  return target;
}

// Namespaces, label values and container names have at most 63 bytes each, so a cut name matches none.
constexpr std::size_t max_name = 64;
constexpr std::size_t max_workload = 192;  // three of them

constexpr std::string_view health_prefix = "/healthz/";

/// The rest of a path after `/healthz/`, valid or not.
constexpr std::string_view rest_of(std::string_view path) noexcept {
  return path.starts_with(health_prefix) ? path.substr(health_prefix.size()) : std::string_view{};
}

/// The name in `/healthz/<name>`.
constexpr std::string_view container_in(std::string_view path) noexcept {
  const auto name = rest_of(path);
  return name.find('/') == name.npos ? name.substr(0, max_name) : std::string_view{};
}

destination route_in_node(std::string_view path) noexcept {
  if (path == agent_path) return {route::health, agent_name};
  if (path.starts_with(health_prefix)) return {route::health, workload_in(rest_of(path))};
  return {route::not_found};
}

constexpr destination route_in_pod(std::string_view path) noexcept {
  const auto container = container_in(path);
  return container.empty() ? destination{route::not_found} : destination{route::health, container};
}

constexpr destination allowed(method requested, destination wanted) noexcept {
  return requested == method::other ? destination{route::method_not_allowed} : wanted;
}

}  // namespace

std::string_view workload_in(std::string_view name) noexcept {
  const auto slashes = std::ranges::count(name, '/');
  const bool has_empty_segment = name.starts_with('/') || name.ends_with('/') || name.find("//") != name.npos;
  if ((slashes != 1 && slashes != 2) || has_empty_segment) return {};
  return name.substr(0, max_workload);
}

destination route_of(method requested, std::string_view target, config::run_mode mode) noexcept {
  // `OPTIONS *` is about the whole server; load balancers use it as a health check (HAProxy's manual does).
  if (requested == method::options && target == "*") return {route::health};
  // Clients do not send fragments.
  if (target.find('#') != target.npos) return {route::not_found};

  const auto path = path_of(target);
  for (const auto& candidate : table) {
    if (candidate.path == path) return allowed(requested, {candidate.route});
  }
  const auto found = mode == config::run_mode::node ? route_in_node(path) : route_in_pod(path);
  return found.route == route::health ? allowed(requested, found) : found;
}

}  // namespace sidecar::http
