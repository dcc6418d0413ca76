#include "sidecar/health/parse_pod.hpp"

#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/member_reader.hpp"
#include "sidecar/base/utf8.hpp"

namespace sidecar::health {
namespace {

using json::member_reader;
using json::value;

std::string shown(std::string_view text) { return std::string{first_characters(text, max_pod_text)}; }

void read_metadata(member_reader& read, const value& metadata, labels_read wanted, pod& into) {
  into.name = read.text(metadata, "name");
  into.namespace_name = read.text(metadata, "namespace");
  into.uid = read.text(metadata, "uid");
  into.resource_version = read.text(metadata, "resourceVersion");
  into.deletion_requested = read.optional_text(metadata, "deletionTimestamp").has_value();
  if (wanted.empty()) return;  // labels may be anything then
  const auto& labels = read.object(metadata, "labels");
  if (!wanted.workload.empty()) into.workload = read.text(labels, wanted.workload);
  if (!wanted.maintenance.empty()) into.maintenance = read.optional_text(labels, wanted.maintenance);
}

std::optional<container::kind> kind_in(std::string_view list) {
  if (list == "containers") return container::kind::regular;
  if (list == "initContainers") return container::kind::init;
  if (list == "ephemeralContainers") return container::kind::ephemeral;
  return std::nullopt;
}

// In document order: of two containers of one name the first is meant.
void read_spec(member_reader& read, const value& spec, pod& into) {
  into.node_name = read.text(spec, "nodeName");
  for (const auto& list : spec.keys) {
    if (read.error()) return;  // or a list that is there thousands of times would be searched for as often
    const auto type = kind_in(list);
    if (!type) continue;
    for (const auto& one : read.list(spec, list)) {
      const bool is_sidecar = *type == container::kind::init && read.text(one, "restartPolicy") == "Always";
      into.containers.push_back({read.text(one, "name"), is_sidecar ? container::kind::native_sidecar : *type});
    }
  }
}

// Of several conditions of one type, what speaks against the pod stands.
void read_conditions(member_reader& read, const value& status, pod& into) {
  bool is_ever_unready = false;
  for (const auto& one : read.list(status, "conditions")) {
    const auto& type = read.text(one, "type");
    const auto& state = read.text(one, "status");
    const auto& reason = read.text(one, "reason");
    if (into.conditions.size() < max_pod_conditions) {
      into.conditions.push_back({shown(type), shown(state), shown(reason)});
    }
    const bool is_true = state == "True";
    if (type == "Ready") {
      into.ready_is_true |= is_true;
      into.ready_is_false |= state == "False";
      is_ever_unready |= !is_true;
      if (!is_true) into.unready_reason = reason;
    }
    into.containers_ready_is_true |= is_true && type == "ContainersReady";
    into.terminated_by_kubelet |= is_true && type == "DisruptionTarget" && reason == "TerminationByKubelet";
    into.all_containers_restarting |= is_true && type == "AllContainersRestarting";
  }
  into.ready_is_true &= !is_ever_unready;
}

std::vector<container_status> read_statuses(member_reader& read, const value& status, std::string_view list) {
  std::vector<container_status> statuses;
  for (const auto& one : read.list(status, list)) {
    const auto& termination = read.object(read.object(one, "lastState"), "terminated");
    statuses.push_back({.name = read.text(one, "name"),
                        .ready = read.boolean(one, "ready"),
                        .started = read.boolean(one, "started"),
                        .restarts = read.integer(one, "restartCount"),
                        .last_termination = shown(read.text(termination, "reason"))});
  }
  return statuses;
}

result<pod> parse_of_kind(std::string_view json, kind_rule rule, labels_read labels) {
  const auto tree = read_pod_tree(json, labels);
  if (!tree) return tree.error();
  return read_pod(*tree, rule, labels);
}

}  // namespace

result<pod> parse_pod(std::string_view json, labels_read labels) {
  return parse_of_kind(json, kind_rule::required, labels);
}

result<pod> parse_pod_item(std::string_view json, labels_read labels) {
  return parse_of_kind(json, kind_rule::optional, labels);
}

result<pod> read_pod(const json::value& tree, kind_rule rule, labels_read labels) {
  member_reader read;
  const auto kind = read.optional_text(tree, "kind");
  // Judged first: the fields of another kind have other types (a Status has a text in "status").
  if (!read.error() && !is_kind(kind, "Pod", rule)) return errc::pod_not_a_pod;
  pod made;
  read_metadata(read, read.object(tree, "metadata"), labels, made);
  read_spec(read, read.object(tree, "spec"), made);
  const auto& status = read.object(tree, "status");
  made.phase = read.text(status, "phase");
  read_conditions(read, status, made);
  made.statuses = read_statuses(read, status, "containerStatuses");
  made.init_statuses = read_statuses(read, status, "initContainerStatuses");
  if (read.error()) return *read.error();
  const auto entries = made.containers.size() + made.statuses.size() + made.init_statuses.size();
  if (entries > max_pod_entries) return errc::pod_too_many_entries;
  return made;
}

// A name that is missing here is read as absent.
result<json::value> read_pod_tree(std::string_view json, labels_read labels) {
  return json::read_tree(
      json, json::only({// Of a list, and of an event with its Status.
                        "apiVersion", "items", "continue", "type", "object", "message",
                        // Of a pod.
                        "kind", "metadata", "name", "namespace", "uid", "resourceVersion", "deletionTimestamp",
                        "labels", labels.maintenance, labels.workload, "spec", "nodeName", "containers",
                        "initContainers", "ephemeralContainers", "restartPolicy", "status", "phase", "conditions",
                        "reason", "containerStatuses", "initContainerStatuses", "ready", "started", "restartCount",
                        "lastState", "terminated"}));
}

}  // namespace sidecar::health
