#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "support/watch_behaviour.hpp"

namespace sidecar::test {

/// What is odd about one watch that is answered with 200. Several of these at a time are possible.
struct odd_watch {
  /// How the body is framed.
  enum class frames { chunks, content_length, until_close };

  frames framing = frames::chunks;
  std::size_t chunk_size = 0;                ///< an event over chunks of that size; 0: one chunk an event
  unsigned together = 1;                     ///< so many events in one chunk, waited for
  std::string first = {};                    ///< bytes before the first event
  int error = 0;                             ///< an ERROR event of that code and the end
  unsigned error_after = 0;                  ///< events before it
  std::chrono::microseconds bookmarks{0};    ///< bookmarks that often, and no changes
  std::optional<watch_end> torn = {};        ///< ends so in the middle of the first event
  std::chrono::microseconds life{0};         ///< the end after that time; 0: when the client wants it
  bool last_chunk = true;                    ///< whether the end is one
  std::optional<bool> headers_at_once = {};  ///< if set, instead of what `watch_behaviour` says
  /// The line to send for the `index`th event of a watch from version `since` (0: from none).
  std::function<std::string(std::string line, std::uint64_t index, std::uint64_t since)> edit = {};
};

}  // namespace sidecar::test
