#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sidecar/health/pod.hpp"

/// Which parts of a v1.Pod are read, with the types that Kubernetes gives them: what parse_pod works by.
namespace sidecar::health::fields {

/// The objects that are read; nothing else in a pod is looked at.
enum class place : std::uint8_t {
  nowhere,
  document,
  metadata,
  spec,
  status,
  regular_container,
  init_container,
  ephemeral_container,
  condition,
  container_status,
  init_container_status,
};

/// The fields of the list entry that is being read, of whatever list.
struct entry {
  std::string entry_name;
  std::string restart_policy;
  std::string condition_type;
  std::string condition_status;
  std::string condition_reason;
  bool ready = false;
};

/// What has been read so far.
struct draft : pod, entry {
  std::string kind;
  bool has_ready_condition = false;
};

enum class shape : std::uint8_t { text, presence_of_text, boolean, object, list };

/// What a value must be, and where it goes.
struct value {
  shape type;
  place inside = place::nowhere;       ///< of an object, or of each object in a list
  std::string draft::*text = nullptr;  ///< of a text
  bool draft::*flag = nullptr;         ///< of a boolean, or set because a text is there
};

struct field {
  place parent;
  std::string_view key;
  value holds;
};

constexpr value text(std::string draft::*into) { return {shape::text, {}, into, nullptr}; }
constexpr value presence_of_text(bool draft::*into) { return {shape::presence_of_text, {}, nullptr, into}; }
constexpr value boolean(bool draft::*into) { return {shape::boolean, {}, nullptr, into}; }
constexpr value object(place inside) { return {shape::object, inside, nullptr, nullptr}; }
constexpr value list_of(place inside) { return {shape::list, inside, nullptr, nullptr}; }

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
};

/// Each such object is kept as an entry of the pod; of the others only what they say together.
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
