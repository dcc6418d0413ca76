#pragma once

#include <cstddef>
#include <string_view>

/// PURE. Two deviations from RFC 9112 that clients accept (Go's net/http, curl) and Beast 1.81 refuses: where a
/// response must be corrected before Beast parses it.
namespace sidecar::kube {

/// The position of the missing blank in a status line without a phrase, "HTTP/1.1 503\r\n" (RFC 9112, 4 requires the
/// blank). 0: none is missing. `head`: the bytes of the response so far.
std::size_t missing_blank(std::string_view head) noexcept;

/// The blanks after a chunk's size, "1000  \r\n", which RFC 9112, 7.1 does not allow; servers that reserve room for the
/// size send them. `bytes` start with that line, or with the line end of the previous chunk.
struct chunk_blanks {
  std::size_t begin = 0;
  std::size_t size = 0;  ///< 0: there are none
  bool is_open = false;  ///< the line is incomplete and ends with blanks so far
};
chunk_blanks find_chunk_blanks(std::string_view bytes) noexcept;

}  // namespace sidecar::kube
