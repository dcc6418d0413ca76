#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/health/pod.hpp"
#include "sidecar/kube/request.hpp"

namespace sidecar::kube {

/// One line of a watch (Kubernetes API concepts, "Efficient detection of changes").
struct watch_event {
  enum class type : std::uint8_t {
    changed,   ///< ADDED, MODIFIED: the pod is `subject` now
    deleted,   ///< the pod is gone
    bookmark,  ///< everything up to `resource_version` has been told
    error,     ///< the watch is over
    unknown,   ///< a type that Kubernetes may yet invent; means nothing to us
  };

  type what = type::unknown;
  health::pod subject{};           ///< of a change
  std::string resource_version{};  ///< of a change, a deletion, a bookmark: where another watch can go on
  std::string detail{};            ///< of an error: for the log; foreign text
  bool is_expired = false;         ///< of an error: the version to go on from is too old (410)
};

/// Reads one line, without its line end, of a watch on `wanted`. A failure (api_protocol) means that whatever else the
/// watch says cannot be relied on either: no JSON, no event, a key that matters twice, not about that pod, a bookmark
/// that marks nothing. Pure; never throws.
std::variant<watch_event, failure> read_watch_event(std::string_view line, const pod_name& wanted);

}  // namespace sidecar::kube
