#include "situations.hpp"

#include <chrono>
#include <utility>

namespace sidecar::test {
namespace {

using health::reason;

situation of(reason why) {
  const bool draining = why == reason::draining || why == reason::draining_unready;
  return {std::string{health::name(why)}, {{health::verdict_of(why), {}}, draining}};
}

situation held(situation fresh) {
  fresh.name = "held " + fresh.name;
  fresh.what.answer.held = std::chrono::seconds{12};
  return fresh;
}

/// STATE_OVERRIDE and SIGTERM need no truth, and what is unknown is none.
bool can_be_held(const situation& fresh) {
  return fresh.what.answer.verdict.state != health::state::unknown && !fresh.what.draining &&
         fresh.name != health::name(reason::state_override_healthy);
}

std::vector<situation> in_order() {
  std::vector<situation> all;
  for (std::size_t at = 0; at < health::reason_count; ++at) {
    all.push_back(of(static_cast<reason>(at)));
    if (can_be_held(all.back())) all.push_back(held(all.back()));
  }
  return all;
}

}  // namespace

std::vector<situation> situations() {
  std::vector<situation> healthy, others, mixed;
  for (auto& one : in_order()) (one.is_healthy() ? healthy : others).push_back(std::move(one));
  for (std::size_t at = 0; at < others.size(); ++at) {
    mixed.push_back(healthy[at % healthy.size()]);
    mixed.push_back(others[at]);
  }
  return mixed;
}

}  // namespace sidecar::test
