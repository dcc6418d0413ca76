#include "sidecar/app/probe_outcome.hpp"

#include "sidecar/base/log.hpp"

namespace sidecar::app {
namespace {

using state = probe_outcome::state;

state state_of(const http::health_response& complete) {
  if (complete.status == 200) return state::up;
  const bool is_error = complete.status >= 400 && complete.status <= 599;
  return is_error && complete.is_drain ? state::drain : state::down;
}

std::string_view name(state what) {
  if (what == state::up) return "up";
  return what == state::drain ? "drain" : "down";
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

probe_outcome no_response(std::string_view why) { return {state::down, "down: " + log::printable(why, 300), {}}; }

int exit_code_of(const probe_outcome& outcome, int drain_exit) noexcept {
  if (outcome.what == state::up) return 0;
  return outcome.what == state::drain ? drain_exit : 1;
}

}  // namespace sidecar::app
