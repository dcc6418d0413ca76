#include "sidecar/probe/probe_outcome.hpp"

#include "sidecar/base/log.hpp"

namespace sidecar::probe {
namespace {

using probe_state = probe_outcome::state;

probe_state state_of(const http::health_response& complete) {
  if (complete.status == 200) return probe_state::up;
  const bool is_error = complete.status >= 400 && complete.status <= 599;
  return is_error && complete.is_drain ? probe_state::drain : probe_state::down;
}

std::string_view name(probe_state what) {
  if (what == probe_state::up) return "up";
  return what == probe_state::drain ? "drain" : "down";
}

}  // namespace

probe_outcome judge(const http::health_response& complete) {
  const auto what = state_of(complete);
  std::string line{name(what)};
  line.append(": ").append(std::to_string(complete.status));
  if (!complete.reason.empty()) line.append(" ").append(log::printable(complete.reason, 100));
  if (!complete.held.empty()) line.append(", held for ").append(log::printable(complete.held, 20)).append(" s");
  const bool is_redirect = complete.status / 100 == 3;
  if (is_redirect) line.append(" (a redirect is not followed)");
  return {what, std::move(line), complete};
}

probe_outcome no_response(std::string_view why) { return {probe_state::down, "down: " + log::printable(why, 300), {}}; }

int exit_code_of(const probe_outcome& outcome, int drain_exit) noexcept {
  if (outcome.what == probe_state::up) return 0;
  return outcome.what == probe_state::drain ? drain_exit : 1;
}

}  // namespace sidecar::probe
