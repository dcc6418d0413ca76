#include "sidecar/app/node_drain.hpp"

namespace sidecar::app {

using health::reason;

bool node_drain::follow(const std::string& node) {
  if (node == node_.text) return false;
  node_.text = node;
  cause_.reset();
  failure_.reset();
  return true;
}

void node_drain::learn(const health::node_state& current) {
  failure_.reset();
  say_allowed();
  auto now = health::drain_cause(current, taints_);
  if (cause_ == now) return;
  cause_ = std::move(now);
  outputs_.on_news();
}

void node_drain::learn_if_leaving(const health::node_state& other) {
  if (!health::drain_cause(other, taints_).empty()) learn(other);
}

void node_drain::note_failure(const kube::failure& why) {
  const bool is_first_word = !is_settled();
  failure_ = why.why;
  if (why.why == reason::api_forbidden) say_denied(why.detail);
  if (is_first_word) outputs_.on_news();
}

std::string node_drain::cause_of(std::string_view node) const {
  return node == node_.text ? cause_.value_or(std::string{}) : std::string{};
}

void node_drain::say_denied(const std::string& detail) {
  if (std::exchange(is_denied_, true)) return;
  std::string text = "may not read the node, so answers do not say that it is leaving";
  if (cause_ && !cause_->empty()) text = "may not read the node any more, which stays leaving, as last known";
  outputs_.log({log::level::warn,
                text + "; grant the service account the verbs get, list and watch on nodes by a ClusterRole "
                       "(deploy/components/node-drain)",
                {{"node", node_.text}, {"detail", detail}}});
}

void node_drain::say_allowed() {
  if (!std::exchange(is_denied_, false)) return;
  outputs_.log({log::level::info, "the node can be read; answers say when it is leaving", {{"node", node_.text}}});
}

}  // namespace sidecar::app
