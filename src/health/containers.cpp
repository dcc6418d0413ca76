#include "sidecar/health/containers.hpp"

#include "sidecar/base/ascii.hpp"

namespace sidecar::health {

bool counts(const container& one) noexcept {
  return one.type == container::kind::regular || one.type == container::kind::native_sidecar;
}

std::optional<bool> readiness(const pod& subject, const container& one) {
  const auto& statuses = one.type == container::kind::regular ? subject.statuses : subject.init_statuses;
  std::optional<bool> ready;
  for (const container_status& status : statuses)
    if (status.name == one.name) ready = status.ready && ready.value_or(true);
  return ready;
}

const container* find_container(const pod& subject, std::string_view name) noexcept {
  const auto& all = subject.containers;
  const auto found = find_in_any_case(all, name, &container::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace sidecar::health
