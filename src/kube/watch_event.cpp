#include "sidecar/kube/watch_event.hpp"

#include <optional>
#include <utility>

#include "sidecar/base/member_reader.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/stray_pod.hpp"

namespace sidecar::kube {
namespace {

watch_event::type type_of(std::string_view name) {
  if (name == "ADDED" || name == "MODIFIED") return watch_event::type::changed;
  if (name == "DELETED") return watch_event::type::deleted;
  if (name == "BOOKMARK") return watch_event::type::bookmark;
  if (name == "ERROR") return watch_event::type::error;
  return watch_event::type::unknown;
}

std::optional<failure> stray(const health::pod& delivered, watch_event::type /*what*/, const pod_name& wanted) {
  if (name_of(delivered) == wanted) return std::nullopt;
  return protocol_failure("watched " + to_string(wanted) + ", got an event of " + to_string(name_of(delivered)));
}

std::optional<failure> stray(const health::pod& delivered, watch_event::type what, const node_scope& wanted) {
  const bool is_deleted = what == watch_event::type::deleted;
  return is_deleted ? stray_name("watched", delivered, wanted) : stray_pod("watched", delivered, wanted);
}

/// Of one pod's watch the state after a deletion is known: it is absent.
bool keeps_subject(watch_event::type what, const pod_name& /*wanted*/) { return what == watch_event::type::changed; }
bool keeps_subject(watch_event::type /*what*/, const node_scope& /*wanted*/) { return true; }

template <class Pods>
outcome<watch_event> read_subject(watch_event::type what, const json::value& object, const Pods& wanted,
                                  health::labels_read labels) {
  auto pod = health::read_pod(object, health::kind_rule::required, labels);
  if (!pod) return protocol_failure("an event of the watch has no pod: " + pod.error().message());
  if (auto problem = stray(*pod, what, wanted)) return std::move(*problem);
  watch_event event{.what = what, .resource_version = pod->resource_version};
  if (keeps_subject(what, wanted)) event.subject = std::move(*pod);
  return event;
}

outcome<watch_event> read_subject(watch_event::type what, const json::value& object, const node_name& wanted,
                                  health::labels_read /*labels*/) {
  auto found = health::read_node(object, health::kind_rule::required);
  if (!found) return protocol_failure("an event of the watch has no node: " + found.error().message());
  if (found->name != wanted.text) {
    return protocol_failure("watched the node " + wanted.text + ", got an event of " + found->name);
  }
  watch_event event{.what = what, .resource_version = found->resource_version};
  if (what == watch_event::type::changed) event.node = std::move(*found);
  return event;
}

/// What a bookmark is of.
std::string_view kind_of(const node_name& /*wanted*/) { return "Node"; }
template <class Pods>
std::string_view kind_of(const Pods& /*wanted*/) {
  return "Pod";
}

/// The end of a watch. `why` and `message` are those of its Status.
watch_event read_error(std::string_view kind, const std::string& why, const std::string& message) {
  if (kind != "Status") return {.what = watch_event::type::error, .detail = "without a Status"};
  return {.what = watch_event::type::error,
          .detail = why.empty() ? message : why + ": " + message,
          .is_expired = why == "Expired" || why == "Gone"};
}

template <class Wanted>
outcome<watch_event> read_event(const result<json::value>& line, const Wanted& wanted, health::labels_read labels) {
  const auto refused = [](const std::string& why) {
    return protocol_failure("a line of the watch is no event: " + why);
  };
  if (!line) return refused(line.error().message());
  json::member_reader read;
  const auto& type = read.unique(*line, "type").text;
  const auto& object = read.unique(*line, "object");
  const auto& kind = read.unique(object, "kind").text;
  const auto& version = read.unique(read.unique(object, "metadata"), "resourceVersion").text;
  const auto& why = read.unique(object, "reason").text;
  const auto& message = read.unique(object, "message").text;
  if (read.error()) return refused(make_error_code(*read.error()).message());
  if (type.empty()) return refused("it has no type");
  const auto what = type_of(type);
  switch (what) {
    case watch_event::type::changed:
    case watch_event::type::deleted:
      return read_subject(what, object, wanted, labels);
    case watch_event::type::bookmark:  // has only the kind and the resourceVersion
      if (kind == kind_of(wanted) && !version.empty()) return watch_event{.what = what, .resource_version = version};
      return protocol_failure("a bookmark of the watch has no resourceVersion");
    case watch_event::type::error:
      return read_error(kind, why, message);
    case watch_event::type::unknown:
      break;
  }
  return watch_event{};
}

}  // namespace

outcome<watch_event> read_watch_event(std::string_view line, const pod_name& wanted, health::labels_read labels) {
  return read_event(health::read_pod_tree(line, labels), wanted, labels);
}

outcome<watch_event> read_watch_event(std::string_view line, const node_scope& wanted, health::labels_read labels) {
  return read_event(health::read_pod_tree(line, labels), wanted, labels);
}

outcome<watch_event> read_watch_event(std::string_view line, const node_name& wanted) {
  return read_event(health::read_node_tree(line), wanted, health::labels_read{});
}

}  // namespace sidecar::kube
