#include "sidecar/kube/watch_event.hpp"

#include <utility>
#include <vector>

#include "sidecar/base/json_texts.hpp"
#include "sidecar/health/parse_pod.hpp"

namespace sidecar::kube {
namespace {

using health::reason;

failure protocol_failure(std::string detail) { return {reason::api_protocol, std::move(detail), {}}; }

watch_event::type type_of(std::string_view name) {
  if (name == "ADDED" || name == "MODIFIED") return watch_event::type::changed;
  if (name == "DELETED") return watch_event::type::deleted;
  if (name == "BOOKMARK") return watch_event::type::bookmark;
  if (name == "ERROR") return watch_event::type::error;
  return watch_event::type::unknown;
}

std::variant<watch_event, failure> read_subject(watch_event::type what, std::string_view line, const pod_name& wanted) {
  auto pod = health::parse_pod_member(line, "object");
  if (!pod) return protocol_failure("an event of the watch has no pod: " + pod.error().message());
  const pod_name told{pod->namespace_name, pod->name};
  if (told.name != wanted.name || told.namespace_name != wanted.namespace_name) {
    return protocol_failure("watched " + to_string(wanted) + ", got an event of " + to_string(told));
  }
  watch_event event{.what = what, .resource_version = pod->resource_version};
  if (what == watch_event::type::changed) event.subject = std::move(*pod);
  return event;
}

}  // namespace

std::variant<watch_event, failure> read_watch_event(std::string_view line, const pod_name& wanted) {
  auto texts = json::read_texts(
      line, {{"type"}, {"object", "metadata", "resourceVersion"}, {"object", "reason"}, {"object", "message"}});
  if (!texts) return protocol_failure("a line of the watch is no event: " + texts.error().message());
  if (texts->at(0).empty()) return protocol_failure("a line of the watch is no event: it has no type");
  const auto what = type_of(texts->at(0));
  switch (what) {
    case watch_event::type::changed:
    case watch_event::type::deleted:
      return read_subject(what, line, wanted);
    case watch_event::type::bookmark:
      return watch_event{.what = what, .resource_version = std::move(texts->at(1))};
    case watch_event::type::error:
      return watch_event{.what = what,
                         .detail = texts->at(2) + ": " + texts->at(3),
                         .is_expired = texts->at(2) == "Expired" || texts->at(2) == "Gone"};
    case watch_event::type::unknown:
      break;
  }
  return watch_event{};
}

}  // namespace sidecar::kube
