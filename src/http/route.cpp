#include "sidecar/http/route.hpp"

#include <array>

#include "sidecar/base/ascii.hpp"

namespace sidecar::http {
namespace {

struct entry {
  std::string_view path;
  http::route route;
};

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

/// The name in `/healthz/<name>`, valid or not.
constexpr std::string_view container_in(std::string_view path) noexcept {
  constexpr std::string_view prefix = "/healthz/";
  constexpr std::size_t max_name = 64;  // a container's name has at most 63 bytes, so a cut name matches none
  if (!path.starts_with(prefix)) return {};
  const auto name = path.substr(prefix.size());
  return name.find('/') == name.npos ? name.substr(0, max_name) : std::string_view{};
}

constexpr destination allowed(method requested, destination wanted) noexcept {
  return requested == method::other ? destination{route::method_not_allowed} : wanted;
}

}  // namespace

destination route_of(method requested, std::string_view target) noexcept {
  // `OPTIONS *` is about the whole server; load balancers use it as a health check (HAProxy's manual does).
  if (requested == method::options && target == "*") return {route::health};
  // Clients do not send fragments.
  if (target.find('#') != target.npos) return {route::not_found};

  const auto path = path_of(target);
  for (const auto& candidate : table) {
    if (candidate.path == path) return allowed(requested, {candidate.route});
  }
  if (const auto container = container_in(path); !container.empty())
    return allowed(requested, {route::health, container});
  return {route::not_found};
}

}  // namespace sidecar::http
