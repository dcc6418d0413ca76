#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "support/pods.hpp"
#include "support/resource_kind.hpp"

namespace sidecar::test {

/// One line of a watch, as it is sent, and what the counts say of it.
struct watch_event {
  std::string type;     ///< ADDED, ..., or empty for a line made by hand
  std::string version;  ///< of the object, as text; empty if it has none
  std::shared_ptr<const std::string> line;
};

/// `{"type":...,"object":...}` and a line end. `object` is a document's text; a line end after it is left out.
std::string event_line(std::string_view type, std::string_view object);
std::string event_line(std::string_view type, const pod& document);
/// With `initial_end`, the one that follows the first events of a watch without a resourceVersion.
std::string bookmark_line(std::uint64_t version, bool initial_end = false, resource_kind kind = resource_kind::pods);
/// An ERROR event whose Status has that code, in the real server's words. `versions` are the one that was asked for and
/// the oldest there is, for 410.
std::string error_line(int code, std::uint64_t asked = 1, std::uint64_t oldest = 200);
/// A MODIFIED of the default pod that is at least `size` bytes long: an annotation has the weight.
std::string huge_event_line(std::size_t size, std::string_view version = "1");

/// The same line with another value of its first resourceVersion; lines without one come back as they are.
std::string with_version(std::string line, std::uint64_t version);

/// Reads type and version off the line, as far as they are there.
watch_event make_event(std::string line);

}  // namespace sidecar::test
