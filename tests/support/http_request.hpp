#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sidecar::test {

/// The head of an HTTP/1.x request, cut up. Views point into the text it was made from.
struct http_request {
  std::string_view method;
  std::string_view target;
  int minor_version = 1;
  std::string_view head;       ///< all of it, with the empty line
  std::string_view body = {};  ///< set by who has read it

  /// The first field of that name (case does not matter), or nothing.
  std::optional<std::string_view> field(std::string_view name) const;
  /// What HTTP says of a body that follows; nothing if the number is not one.
  std::optional<std::size_t> content_length() const;
  bool wants_close() const;
};

/// Nothing if the head is not one that Go's server would accept: three parts in the first line, a known version, a
/// colon in every field, exactly one Host in HTTP/1.1, no Transfer-Encoding (nobody sends a GET with one).
std::optional<http_request> parse_request(std::string_view head);

/// The path without the query, %XX decoded.
std::string decoded_path(std::string_view target);

/// The decoded value of a query parameter, or nothing.
std::optional<std::string> query_value(std::string_view target, std::string_view name);

/// ASCII only, as HTTP wants it.
bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

}  // namespace sidecar::test
