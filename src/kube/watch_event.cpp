#include "sidecar/kube/watch_event.hpp"

#include <utility>

#include "sidecar/base/json_fields.hpp"
#include "sidecar/health/parse_pod.hpp"

namespace sidecar::kube {
namespace {

watch_event::type type_of(std::string_view name) {
  if (name == "ADDED" || name == "MODIFIED") return watch_event::type::changed;
  if (name == "DELETED") return watch_event::type::deleted;
  if (name == "BOOKMARK") return watch_event::type::bookmark;
  if (name == "ERROR") return watch_event::type::error;
  return watch_event::type::unknown;
}

std::variant<watch_event, failure> read_subject(watch_event::type what, std::string_view line, const pod_name& wanted,
                                                std::string_view maintenance_label) {
  auto pod = health::parse_pod_member(line, "object", maintenance_label);
  if (!pod) return protocol_failure("an event of the watch has no pod: " + pod.error().message());
  const auto delivered = name_of(*pod);
  if (delivered != wanted)
    return protocol_failure("watched " + to_string(wanted) + ", got an event of " + to_string(delivered));
  watch_event event{.what = what, .resource_version = pod->resource_version};
  if (what == watch_event::type::changed) event.subject = std::move(*pod);
  return event;
}

/// The end of a watch. `why` and `message` are those of its Status.
watch_event read_error(std::string_view kind, const std::string& why, const std::string& message) {
  if (kind != "Status") return {.what = watch_event::type::error, .detail = "without a Status"};
  return {.what = watch_event::type::error,
          .detail = why.empty() ? message : why + ": " + message,
          .is_expired = why == "Expired" || why == "Gone"};
}

}  // namespace

std::variant<watch_event, failure> read_watch_event(std::string_view line, const pod_name& wanted,
                                                    std::string_view maintenance_label) {
  auto texts = json::read_unique_texts(line, {{"type"},
                                              {"object", "kind"},
                                              {"object", "metadata", "resourceVersion"},
                                              {"object", "reason"},
                                              {"object", "message"}});
  if (!texts) return protocol_failure("a line of the watch is no event: " + texts.error().message());
  if (texts->at(0).empty()) return protocol_failure("a line of the watch is no event: it has no type");
  const auto what = type_of(texts->at(0));
  const auto& kind = texts->at(1);
  auto& version = texts->at(2);
  switch (what) {
    case watch_event::type::changed:
    case watch_event::type::deleted:
      return read_subject(what, line, wanted, maintenance_label);
    case watch_event::type::bookmark:  // has only the kind and the resourceVersion of a pod
      if (kind == "Pod" && !version.empty()) return watch_event{.what = what, .resource_version = std::move(version)};
      return protocol_failure("a bookmark of the watch has no resourceVersion");
    case watch_event::type::error:
      return read_error(kind, texts->at(3), texts->at(4));
    case watch_event::type::unknown:
      break;
  }
  return watch_event{};
}

}  // namespace sidecar::kube
