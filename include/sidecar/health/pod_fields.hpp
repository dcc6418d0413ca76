#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sidecar/health/pod.hpp"

/// The fields of a v1.Pod that parse_pod reads, with the types that Kubernetes gives them.
namespace sidecar::health::fields {

/// The objects that are read; everything else in a pod is skipped.
enum class place : std::uint8_t {
  nowhere,
  document,
  metadata,
  labels,
  spec,
  status,
  regular_container,
  init_container,
  ephemeral_container,
  condition,
  container_status,
  init_container_status,
  last_state,
  termination,
};

/// The fields of the list entry that is being read, for all lists.
struct entry {
  std::string entry_name;
  std::string restart_policy;
  std::string condition_type;
  std::string condition_status;
  std::string condition_reason;
  std::string last_termination;
  std::int64_t restarts = 0;
  bool ready = false;
  bool started = false;
};

/// The pod as read so far.
struct draft : pod, entry {
  std::string kind;
  bool has_ready_condition = false;
};

enum class shape : std::uint8_t { text, presence_of_text, maintenance, boolean, integer, object, list };

/// The type that a value must have, and where it is stored.
struct value {
  shape type;
  place inside = place::nowhere;          ///< the place of an object, or of each object in a list
  std::string draft::*text = nullptr;     ///< where a text is stored
  bool draft::*flag = nullptr;            ///< where a boolean is stored, or the presence of a text
  std::int64_t draft::*number = nullptr;  ///< where an integer is stored
};

struct field {
  place parent;
  std::string_view key;
  value holds;
};

constexpr value text(std::string draft::*member) { return {shape::text, {}, member, nullptr}; }
constexpr value presence_of_text(bool draft::*member) { return {shape::presence_of_text, {}, nullptr, member}; }
constexpr value maintenance() { return {shape::maintenance, {}, nullptr, nullptr}; }
constexpr value boolean(bool draft::*member) { return {shape::boolean, {}, nullptr, member}; }
constexpr value integer(std::int64_t draft::*member) { return {shape::integer, {}, nullptr, nullptr, member}; }
constexpr value object(place inside) { return {shape::object, inside, nullptr, nullptr}; }
constexpr value list_of(place inside) { return {shape::list, inside, nullptr, nullptr}; }

/// Stand for the keys of the labels that are read, which the caller gives (labels_read). No other label is read.
inline constexpr std::string_view maintenance_label = "(maintenance)";
inline constexpr std::string_view workload_label = "(workload)";

// Every path that is read, with the type that Kubernetes gives it.
inline constexpr std::array all{
    field{place::document, "kind", text(&draft::kind)},
    field{place::document, "metadata", object(place::metadata)},
    field{place::document, "spec", object(place::spec)},
    field{place::document, "status", object(place::status)},
    field{place::metadata, "name", text(&draft::name)},
    field{place::metadata, "namespace", text(&draft::namespace_name)},
    field{place::metadata, "uid", text(&draft::uid)},
    field{place::metadata, "resourceVersion", text(&draft::resource_version)},
    field{place::metadata, "deletionTimestamp", presence_of_text(&draft::deletion_requested)},
    field{place::metadata, "labels", object(place::labels)},
    field{place::labels, maintenance_label, maintenance()},
    field{place::labels, workload_label, text(&draft::workload)},
    field{place::spec, "nodeName", text(&draft::node_name)},
    field{place::spec, "containers", list_of(place::regular_container)},
    field{place::spec, "initContainers", list_of(place::init_container)},
    field{place::spec, "ephemeralContainers", list_of(place::ephemeral_container)},
    field{place::regular_container, "name", text(&draft::entry_name)},
    field{place::init_container, "name", text(&draft::entry_name)},
    field{place::init_container, "restartPolicy", text(&draft::restart_policy)},
    field{place::ephemeral_container, "name", text(&draft::entry_name)},
    field{place::status, "phase", text(&draft::phase)},
    field{place::status, "conditions", list_of(place::condition)},
    field{place::status, "containerStatuses", list_of(place::container_status)},
    field{place::status, "initContainerStatuses", list_of(place::init_container_status)},
    field{place::condition, "type", text(&draft::condition_type)},
    field{place::condition, "status", text(&draft::condition_status)},
    field{place::condition, "reason", text(&draft::condition_reason)},
    field{place::container_status, "name", text(&draft::entry_name)},
    field{place::container_status, "ready", boolean(&draft::ready)},
    field{place::init_container_status, "name", text(&draft::entry_name)},
    field{place::init_container_status, "ready", boolean(&draft::ready)},
    field{place::container_status, "started", boolean(&draft::started)},
    field{place::init_container_status, "started", boolean(&draft::started)},
    field{place::container_status, "restartCount", integer(&draft::restarts)},
    field{place::init_container_status, "restartCount", integer(&draft::restarts)},
    field{place::container_status, "lastState", object(place::last_state)},
    field{place::init_container_status, "lastState", object(place::last_state)},
    field{place::last_state, "terminated", object(place::termination)},
    field{place::termination, "reason", text(&draft::last_termination)},
};

/// The object becomes an entry of the pod that counts against `max_pod_entries` (a container, a status).
constexpr bool is_kept(place where) {
  switch (where) {
    case place::regular_container:
    case place::init_container:
    case place::ephemeral_container:
    case place::container_status:
    case place::init_container_status:
      return true;
    default:
      return false;
  }
}

}  // namespace sidecar::health::fields
