#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sidecar/http/request.hpp"

namespace sidecar::http {

/// Reads one request head at a time: bytes in, decision out. Allocates nothing and never throws. The decision depends
/// on the bytes alone, not on how they were cut into segments: a head is parsed once, when its last byte is there;
/// until then only line ends are looked for, and the request line is checked as soon as it is complete.
class request_reader {
 public:
  enum class status : std::uint8_t {
    need_more,
    complete,  ///< `request` and `consumed` are set; feed what follows as a new head
    /// `refusal` is set, and `request` if it could be read; answer and close: where the next request begins cannot be
    /// told.
    refused,
  };

  struct outcome {
    request_reader::status status = status::need_more;
    http::refusal refusal{};
    std::size_t consumed = 0;
    http::request request{};
  };

  /// A line that names no version is complete by itself, well-formed or not (`request.versionless`).
  /// `bytes`: all that came since the previous head's end, not only what is new. A refusal is one of 400, 413 (GET,
  /// HEAD or OPTIONS with a body), 431, 505.
  outcome feed(std::string_view bytes) noexcept;

 private:
  std::size_t scanned_ = 0;            ///< bytes that hold no line end still to be looked at
  std::size_t line_start_ = 0;         ///< where the line being scanned starts
  std::size_t request_line_ = 0;       ///< the request line's size with its CRLF, 0 while incomplete
  bool request_line_checked_ = false;  ///< and it was found well-formed
};

/// True if a connection's first bytes begin a TLS handshake (RFC 8446, 5.1), which no request can.
bool looks_like_tls(std::string_view bytes) noexcept;

/// True if `bytes`, an unfinished head, may be that of a checker that names no version and takes any byte that comes
/// back for up: it must not be told that it is late.
bool may_be_versionless(std::string_view bytes) noexcept;

}  // namespace sidecar::http
