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

/// The name in `/healthz/<name>`; whether it can be one is for those to say who know the pod's.
constexpr std::string_view container_in(std::string_view path) noexcept {
  constexpr std::string_view before = "/healthz/";
  constexpr std::size_t longest = 64;  // than any container's name by one, so that what is cut off is no matter
  if (!path.starts_with(before)) return {};
  const auto name = path.substr(before.size());
  return name.find('/') == name.npos ? name.substr(0, longest) : std::string_view{};
}

constexpr destination allowed(method asked, destination wanted) noexcept {
  return asked == method::other ? destination{route::method_not_allowed} : wanted;
}

}  // namespace

destination route_of(method asked, std::string_view target) noexcept {
  // The server-wide question; what a load balancer means by it is the health (HAProxy's manual shows such a check).
  if (asked == method::options && target == "*") return {route::health};
  // A client does not send fragments; whatever this is, it is not one of our paths.
  if (target.find('#') != target.npos) return {route::not_found};

  const auto path = path_of(target);
  for (const auto& candidate : table) {
    if (candidate.path == path) return allowed(asked, {candidate.route});
  }
  if (const auto container = container_in(path); !container.empty()) return allowed(asked, {route::health, container});
  return {route::not_found};
}

}  // namespace sidecar::http
