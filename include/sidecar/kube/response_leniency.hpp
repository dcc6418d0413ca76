#pragma once

#include <cstddef>
#include <string_view>

/// Two forms of a response that RFC 9112 does not have, that clients read all the same (Go's net/http, curl), and that
/// Beast 1.81 refuses. Pure: they say where a response must be mended before Beast gets it.
namespace sidecar::kube {

/// Where a blank is missing in a status line that ends with its status, "HTTP/1.1 503\r\n", since the phrase is empty:
/// RFC 9112 wants it nevertheless (4). 0: nowhere. `head`: the beginning of a response, as far as it has come.
std::size_t missing_blank(std::string_view head) noexcept;

/// Blanks before the line end of a chunk's size (RFC 9112, 7.1), as servers write that reserve room for it:
/// "1000  \r\n". `bytes` begin with that line, or with the line end of the chunk before.
struct chunk_blanks {
  std::size_t begin = 0;
  std::size_t size = 0;  ///< 0: there are none
  bool is_open = false;  ///< the line has no end yet, and what has come of it ends with blanks
};
chunk_blanks find_chunk_blanks(std::string_view bytes) noexcept;

}  // namespace sidecar::kube
