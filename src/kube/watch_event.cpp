#include "sidecar/kube/watch_event.hpp"

#include <utility>

#include "sidecar/base/json_fields.hpp"
#include "sidecar/health/parse_pod.hpp"

namespace sidecar::kube {
namespace {

/// The fields of an event's object if it is no pod.
struct object_texts {
  std::string kind;
  std::string resource_version;
  std::string reason;
  std::string message;
};

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
  const auto delivered = name_of(*pod);
  if (delivered != wanted)
    return protocol_failure("watched " + to_string(wanted) + ", got an event of " + to_string(delivered));
  watch_event event{.what = what, .resource_version = pod->resource_version};
  if (what == watch_event::type::changed) event.subject = std::move(*pod);
  return event;
}

/// A bookmark's object has only the kind and the resourceVersion of a pod.
std::variant<watch_event, failure> read_bookmark(object_texts texts) {
  if (texts.kind != "Pod" || texts.resource_version.empty()) {
    return protocol_failure("a bookmark of the watch has no resourceVersion");
  }
  return watch_event{.what = watch_event::type::bookmark, .resource_version = std::move(texts.resource_version)};
}

watch_event read_error(const object_texts& texts) {
  if (texts.kind != "Status") return {.what = watch_event::type::error, .detail = "without a Status"};
  return {.what = watch_event::type::error,
          .detail = texts.reason.empty() ? texts.message : texts.reason + ": " + texts.message,
          .is_expired = texts.reason == "Expired" || texts.reason == "Gone"};
}

}  // namespace

std::variant<watch_event, failure> read_watch_event(std::string_view line, const pod_name& wanted) {
  auto texts = json::read_unique_texts(line, {{"type"},
                                              {"object", "kind"},
                                              {"object", "metadata", "resourceVersion"},
                                              {"object", "reason"},
                                              {"object", "message"}});
  if (!texts) return protocol_failure("a line of the watch is no event: " + texts.error().message());
  if (texts->at(0).empty()) return protocol_failure("a line of the watch is no event: it has no type");
  const auto what = type_of(texts->at(0));
  object_texts object{std::move(texts->at(1)), std::move(texts->at(2)), std::move(texts->at(3)),
                      std::move(texts->at(4))};
  switch (what) {
    case watch_event::type::changed:
    case watch_event::type::deleted:
      return read_subject(what, line, wanted);
    case watch_event::type::bookmark:
      return read_bookmark(std::move(object));
    case watch_event::type::error:
      return read_error(object);
    case watch_event::type::unknown:
      break;
  }
  return watch_event{};
}

}  // namespace sidecar::kube
