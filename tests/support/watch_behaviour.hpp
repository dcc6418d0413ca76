#pragma once

#include <chrono>
#include <cstddef>

namespace sidecar::test {

/// What is the server's choice in every watch. For watches that are opened from now on.
struct watch_behaviour {
  bool headers_at_once = false;            ///< false: the head comes with the first event, or with the end
  std::chrono::microseconds bookmarks{0};  ///< how often, to watches that allow them, and 2 s before the end; 0: never
  std::chrono::microseconds second{std::chrono::seconds{1}};  ///< how long a second of timeoutSeconds lasts
  bool gone_as_status = false;  ///< a version that is too old: HTTP 410, not 200 and an ERROR event
  std::size_t history = 1000;   ///< changes kept for watches from an older version
};

/// How a watch ends.
enum class watch_end {
  clean,                 ///< the last chunk; the connection stays
  no_last_chunk,         ///< FIN between two events, after a close_notify
  half_event,            ///< the same in the middle of one
  half_event_truncated,  ///< and without a close_notify
  reset,                 ///< RST
};

}  // namespace sidecar::test
