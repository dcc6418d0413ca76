#include "sidecar/leaving/node_drain.hpp"

namespace sidecar::leaving {

bool node_drain::follow(std::string_view node) {
  if (node == current_.name.text) return false;
  std::swap(current_, previous_);
  if (current_.name.text != node) current_ = {.name = {std::string{node}}};
  failure_.reset();
  return true;
}

/// An event changes what is known, and comes with the time of the last LIST: it confirms nothing.
void node_drain::learn(const health::node_state& state, time_point observed) {
  const bool has_been_read = !current_.observed || observed > *current_.observed;
  if (has_been_read) {
    current_.observed = observed;
    failure_.reset();
    write(log_.note_success(current_.name.text));
  }
  const bool has_changed = set_cause(state);
  if (has_been_read || has_changed) outputs_.on_update({has_been_read, has_changed});
}

void node_drain::learn_if_leaving(const health::node_state& other) {
  if (!health::drain_cause(other, taints_).empty() && set_cause(other)) outputs_.on_update({.has_changed = true});
}

void node_drain::note_failure(const kube::failure& why) {
  failure_ = why.why;
  write(log_.note_failure(current_.name.text, why, current_.cause));
  outputs_.on_update({.has_been_read = true});
}

std::string node_drain::cause_of(std::string_view node) const {
  const auto& known = node == current_.name.text ? current_ : previous_;
  return node == known.name.text ? known.cause.value_or(std::string{}) : std::string{};
}

/// True if that is a change.
bool node_drain::set_cause(const health::node_state& state) {
  auto now = health::drain_cause(state, taints_);
  return std::exchange(current_.cause, std::optional{now}) != now;
}

void node_drain::write(std::optional<journal::log_line> line) const {
  if (line) outputs_.log(std::move(*line));
}

}  // namespace sidecar::leaving
