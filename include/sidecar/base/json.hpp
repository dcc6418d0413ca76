#pragma once

#include <cstddef>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::json {

/// Receives a document's events in document order. Returning an error stops the reading, and `read` returns that
/// error. Views are valid during the call only.
///
/// A string or key of more than 1,024 bytes that holds escapes or non-ASCII text may arrive shortened (never below
/// 1,024 bytes): nothing that Kubernetes calls a name is that long.
class events {
 public:
  virtual ~events() = default;

  virtual boost::system::error_code null() = 0;
  virtual boost::system::error_code boolean(bool value) = 0;
  virtual boost::system::error_code number() = 0;
  virtual boost::system::error_code string(std::string_view value) = 0;
  virtual boost::system::error_code start_object() = 0;
  virtual boost::system::error_code key(std::string_view name) = 0;
  virtual boost::system::error_code end_object() = 0;
  virtual boost::system::error_code start_array() = 0;
  virtual boost::system::error_code end_array() = 0;
};

inline constexpr std::size_t max_depth = 64;

/// Reads exactly one JSON document (RFC 8259, UTF-8, a leading byte order mark is skipped) from `text`; memory use does
/// not grow with depth or with the number of values. Integers may have any number of digits; a number beyond the range
/// of a double (1e999) is json_invalid. Never throws. Errors: json_invalid, json_too_deep (more than `max_depth` open
/// objects and arrays), not_enough_memory, or what a handler returned.
result<void> read(std::string_view text, events& handler);

}  // namespace sidecar::json
