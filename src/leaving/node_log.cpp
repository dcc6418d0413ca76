#include "sidecar/leaving/node_log.hpp"

#include <utility>

#include "sidecar/health/verdict.hpp"

namespace sidecar::leaving {

using health::reason;
using notice_kind = watch::steps::notice::kind;

namespace {

constexpr auto grant =
    "; grant the service account the verbs get, list and watch on nodes by a ClusterRole "
    "(deploy/components/node-drain)";

journal::log_line line_of(log::level level, std::string text, const std::string& node, const std::string& detail = {}) {
  journal::log_line made{level, std::move(text), {{"node", node}}};
  if (!detail.empty()) made.fields.push_back({"detail", detail});
  return made;
}

}  // namespace

std::optional<journal::log_line> node_log::note_failure(const std::string& node, const kube::failure& why,
                                                        const std::optional<std::string>& cause) {
  if (why.why == reason::api_forbidden) {
    if (std::exchange(logged_, fact::denied) == fact::denied) return std::nullopt;
    const bool is_leaving = cause && !cause->empty();
    const std::string what = is_leaving ? "may not read the node any more, which stays leaving, as last known"
                                        : "may not read the node, so answers do not say that it is leaving";
    return line_of(log::level::warn, what + grant, node, why.detail);
  }
  // A failure after a success is the API server's, and the pod's lines say it.
  if (cause || logged_ != fact::none) return std::nullopt;
  logged_ = fact::unread;
  auto text = "the node cannot be read, so answers do not say that it is leaving: " + std::string{meaning(why.why)};
  return line_of(log::level::warn, std::move(text), node, why.detail);
}

std::optional<journal::log_line> node_log::note_success(const std::string& node) {
  if (no_watch_) {
    if (std::exchange(logged_, fact::polled) == fact::polled) return std::nullopt;
    const bool is_denied = no_watch_->what == notice_kind::denied;
    std::string what = is_denied ? "may not list and watch nodes" : "watches of the node end within seconds";
    what += "; the node is read by a GET about every 9 seconds";
    return line_of(log::level::warn, is_denied ? what + grant : std::move(what), node, no_watch_->detail);
  }
  if (std::exchange(logged_, fact::none) == fact::none) return std::nullopt;
  return line_of(log::level::info, "the node can be read; answers say when it is leaving", node);
}

void node_log::note(const watch::steps::notice& given) {
  if (given.what == notice_kind::denied || given.what == notice_kind::watches_cut) no_watch_ = given;
  if (given.what == notice_kind::restored) no_watch_.reset();
}

}  // namespace sidecar::leaving
