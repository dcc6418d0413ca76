#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::json {

/// Receives a document's SAX events in document order. Strings and keys are decoded, in UTF-8, and valid during the
/// call only. An error that a handler returns stops the parser.
class events {
 public:
  virtual ~events() = default;

  virtual boost::system::error_code null() = 0;
  virtual boost::system::error_code boolean(bool value) = 0;
  virtual boost::system::error_code number() = 0;
  /// A number without fraction or exponent that fits into 64 bits; by default like any other number.
  virtual boost::system::error_code integer(std::int64_t /*value*/) { return number(); }
  virtual boost::system::error_code string(std::string_view value) = 0;
  virtual boost::system::error_code start_object() = 0;
  virtual boost::system::error_code key(std::string_view name) = 0;
  virtual boost::system::error_code end_object() = 0;
  virtual boost::system::error_code start_array() = 0;
  virtual boost::system::error_code end_array() = 0;
};

inline constexpr std::size_t max_depth = 64;

/// Parses exactly one JSON document (RFC 8259, UTF-8; a leading byte order mark is skipped). Builds no tree: memory
/// grows with the longest string, never with depth or the number of values. Integers may have any number of digits; a
/// number outside the range of a double (1e999) is json_invalid. No document makes it throw. Errors: json_invalid,
/// json_too_deep (more than `max_depth` open objects and arrays), or the handler's.
result<void> parse(std::string_view text, events& handler);

}  // namespace sidecar::json
