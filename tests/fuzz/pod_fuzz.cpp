// The pod reader against a reading of the same document as a tree: they accept the same documents and find the same
// fields. And no document that is not ready is judged ready.

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "fuzz/json_tree.hpp"
#include "sidecar/base/json.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/explain.hpp"
#include "sidecar/health/parse_pod.hpp"

namespace sidecar::fuzz {
namespace {

using health::condition;
using health::container;
using health::pod;

/// The document is one that the contract of parse_pod refuses.
struct refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr std::string_view maintenance_label = "health-sidecar/maintenance";

const tree empty_object{.type = tree::kind::object};

/// Null counts as absent.
const tree* member(const tree& object, std::string_view key) {
  const auto is_meant = [key](const tree& one) { return one.key == key; };
  const auto first = std::ranges::find_if(object.members, is_meant);
  if (first == object.members.end()) return nullptr;
  if (std::ranges::count_if(object.members, is_meant) > 1) throw refused("a repeated key");
  return first->type == tree::kind::null ? nullptr : &*first;
}

const tree* member(const tree& object, std::string_view key, tree::kind type) {
  const tree* found = member(object, key);
  if (found != nullptr && found->type != type) throw refused("a wrong type");
  return found;
}

std::string text(const tree& object, std::string_view key) {
  const tree* found = member(object, key, tree::kind::text);
  return found == nullptr ? std::string() : found->text;
}

bool flag(const tree& object, std::string_view key) {
  const tree* found = member(object, key, tree::kind::boolean);
  return found != nullptr && found->truth;
}

std::int64_t integer(const tree& object, std::string_view key) {
  const tree* found = member(object, key, tree::kind::number);
  if (found != nullptr && !found->integer) throw refused("no integer");
  return found == nullptr ? 0 : *found->integer;
}

const tree& object_in(const tree& object, std::string_view key) {
  const tree* found = member(object, key, tree::kind::object);
  return found == nullptr ? empty_object : *found;
}

/// As Go's decoder has it, a null in a list is an object without fields.
std::vector<const tree*> objects_in(const tree& object, std::string_view key) {
  std::vector<const tree*> found;
  const tree* list = member(object, key, tree::kind::list);
  if (list == nullptr) return found;
  for (const tree& element : list->members) {
    if (element.type != tree::kind::object && element.type != tree::kind::null) throw refused("a wrong type");
    found.push_back(element.type == tree::kind::null ? &empty_object : &element);
  }
  return found;
}

container::kind kind_of(std::string_view list, const tree& entry) {
  if (list == "containers") return container::kind::regular;
  if (list == "ephemeralContainers") return container::kind::ephemeral;
  return text(entry, "restartPolicy") == "Always" ? container::kind::native_sidecar : container::kind::init;
}

void read_spec(const tree& spec, pod& into) {
  into.node_name = text(spec, "nodeName");
  for (const tree& list : spec.members) {
    if (list.key != "containers" && list.key != "initContainers" && list.key != "ephemeralContainers") continue;
    for (const tree* entry : objects_in(spec, list.key))
      into.containers.push_back({text(*entry, "name"), kind_of(list.key, *entry)});
  }
}

void read_conditions(const std::vector<condition>& all, pod& into) {
  std::vector<condition> ready;
  const auto is_ready = [](const condition& one) { return one.type == "Ready"; };
  std::ranges::copy_if(all, std::back_inserter(ready), is_ready);
  const auto is_true = [](const condition& one) { return one.status == "True"; };
  into.ready_is_true = !ready.empty() && std::ranges::all_of(ready, is_true);
  into.ready_is_false = std::ranges::any_of(ready, [](const condition& one) { return one.status == "False"; });
  for (const condition& one : ready) {
    if (!is_true(one)) into.unready_reason = one.reason;
  }
  into.containers_ready_is_true =
      std::ranges::any_of(all, [&](const condition& one) { return one.type == "ContainersReady" && is_true(one); });
  into.terminated_by_kubelet = std::ranges::any_of(all, [&](const condition& one) {
    return one.type == "DisruptionTarget" && one.reason == "TerminationByKubelet" && is_true(one);
  });
  into.all_containers_restarting = std::ranges::any_of(
      all, [&](const condition& one) { return one.type == "AllContainersRestarting" && is_true(one); });
}

using statuses = std::vector<health::container_status>;

void read_statuses(const tree& status, std::string_view list, statuses& into) {
  for (const tree* one : objects_in(status, list)) {
    const tree& termination = object_in(object_in(*one, "lastState"), "terminated");
    into.push_back({text(*one, "name"), flag(*one, "ready"), flag(*one, "started"), integer(*one, "restartCount"),
                    text(termination, "reason")});
  }
}

void read_status(const tree& status, pod& into) {
  into.phase = text(status, "phase");
  for (const tree* one : objects_in(status, "conditions"))
    into.conditions.push_back({text(*one, "type"), text(*one, "status"), text(*one, "reason")});
  read_conditions(into.conditions, into);
  read_statuses(status, "containerStatuses", into.statuses);
  read_statuses(status, "initContainerStatuses", into.init_statuses);
}

pod read_pod(const tree& document) {
  if (document.type != tree::kind::object || text(document, "kind") != "Pod") throw refused("no pod");
  pod read;
  const tree& metadata = object_in(document, "metadata");
  read.name = text(metadata, "name");
  read.namespace_name = text(metadata, "namespace");
  read.uid = text(metadata, "uid");
  read.resource_version = text(metadata, "resourceVersion");
  read.deletion_requested = member(metadata, "deletionTimestamp", tree::kind::text) != nullptr;
  const tree* label = member(object_in(metadata, "labels"), maintenance_label, tree::kind::text);
  if (label != nullptr) read.maintenance = label->text;
  read_spec(object_in(document, "spec"), read);
  read_status(object_in(document, "status"), read);
  if (read.containers.size() + read.statuses.size() + read.init_statuses.size() > health::max_pod_entries)
    throw refused("too many entries");
  return read;
}

result<pod> pod_in(const std::optional<tree>& document) {
  if (!document) return errc::json_invalid;
  try {
    return read_pod(*document);
  } catch (const refused&) {
    return errc::pod_not_a_pod;
  }
}

bool same(const std::vector<container>& read, const std::vector<container>& whole) {
  return std::ranges::equal(read, whole, [](const container& left, const container& right) {
    return left.name == right.name && left.type == right.type;
  });
}

/// The text, or its beginning where it is longer than what is kept.
bool is_cut(const std::string& read, const std::string& whole) {
  constexpr auto most = health::max_pod_text;
  if (whole.size() <= most) return read == whole;
  return read.size() <= most && read.size() > most - 4 && whole.starts_with(read);
}

bool same(const statuses& read, const statuses& whole) {
  return std::ranges::equal(read, whole, [](const auto& left, const auto& right) {
    return left.name == right.name && left.ready == right.ready && left.started == right.started &&
           left.restarts == right.restarts && is_cut(left.last_termination, right.last_termination);
  });
}

bool same(const std::vector<condition>& read, const std::vector<condition>& whole) {
  if (read.size() != std::min(whole.size(), health::max_pod_conditions)) return false;
  return std::ranges::equal(read.begin(), read.end(), whole.begin(), whole.begin() + std::ssize(read),
                            [](const condition& left, const condition& right) {
                              return is_cut(left.type, right.type) && is_cut(left.status, right.status) &&
                                     is_cut(left.reason, right.reason);
                            });
}

void compare(const pod& read, const pod& whole) {
  require(read.name == whole.name, "metadata.name");
  require(read.namespace_name == whole.namespace_name, "metadata.namespace");
  require(read.uid == whole.uid, "metadata.uid");
  require(read.resource_version == whole.resource_version, "metadata.resourceVersion");
  require(read.deletion_requested == whole.deletion_requested, "metadata.deletionTimestamp");
  require(read.maintenance == whole.maintenance, "the maintenance label");
  require(read.node_name == whole.node_name, "spec.nodeName");
  require(read.phase == whole.phase, "status.phase");
  require(same(read.containers, whole.containers), "the containers");
  require(same(read.statuses, whole.statuses), "status.containerStatuses");
  require(same(read.init_statuses, whole.init_statuses), "status.initContainerStatuses");
  require(read.ready_is_true == whole.ready_is_true, "condition Ready is True");
  require(read.ready_is_false == whole.ready_is_false, "condition Ready is False");
  require(read.unready_reason == whole.unready_reason, "the reason of condition Ready");
  require(read.containers_ready_is_true == whole.containers_ready_is_true, "condition ContainersReady");
  require(read.terminated_by_kubelet == whole.terminated_by_kubelet, "condition DisruptionTarget");
  require(same(read.conditions, whole.conditions), "the conditions that people are shown");
  require(read.all_containers_restarting == whole.all_containers_restarting, "condition AllContainersRestarting");
}

bool counts(const container& one) {
  return one.type == container::kind::regular || one.type == container::kind::native_sidecar;
}

bool is_ready(const pod& subject, const container& one) {
  const auto& list = one.type == container::kind::regular ? subject.statuses : subject.init_statuses;
  return std::ranges::any_of(list, [&](const auto& status) { return status.ready && status.name == one.name; });
}

void require_healthy(const pod& subject) {
  require(!subject.deletion_requested && !subject.terminated_by_kubelet, "a healthy pod is not leaving");
  require(subject.maintenance != "true", "a healthy pod is not under maintenance");
  require(subject.phase != "Failed" && subject.phase != "Succeeded", "a healthy pod has not ended");
  require(std::ranges::any_of(subject.containers, counts), "a healthy pod has containers");
  const bool all_ready = std::ranges::all_of(
      subject.containers, [&](const container& one) { return !counts(one) || is_ready(subject, one); });
  require(all_ready, "each container of a healthy pod is ready");
}

health::verdict judge(const pod& subject, const health::target& wanted) {
  const health::pod_state truth{subject};
  const auto found = health::evaluate(truth, wanted);
  health::explain(truth, wanted, found);
  return found;
}

/// Not ready is never reported as ready.
void judge(const pod& subject) {
  if (judge(subject, {}).state == health::state::healthy) require_healthy(subject);
  const auto by_condition = judge(subject, {.require = health::requirement::pod});
  require(by_condition.state != health::state::healthy || subject.ready_is_true, "condition Ready is True");
}

}  // namespace

void try_input(std::string_view input) {
  const auto read = health::parse_pod(input, maintenance_label);
  const auto whole = pod_in(read_tree(input));
  require(!read || whole, "what the tree refuses is refused");
  const bool is_too_large = !read && read.error() == errc::json_too_large;
  require(!is_too_large || input.size() > json::max_values, "a value takes a byte");
  require(!whole || read || is_too_large, "what the tree accepts is accepted");
  if (!read) return;
  compare(*read, *whole);
  judge(*read);
}

}  // namespace sidecar::fuzz
