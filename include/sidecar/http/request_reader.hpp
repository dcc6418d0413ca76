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
    not_http,  ///< what came begins no HTTP request: close without a byte
  };

  struct outcome {
    request_reader::status status = status::need_more;
    http::refusal refusal{};
    std::size_t consumed = 0;
    http::request request{};
  };

  /// A request of HTTP/0.9 is complete with its line (`request.versionless`).
  /// `bytes`: all that came since the previous head's end, not only what is new. A refusal is one of 400, 413 (GET,
  /// HEAD or OPTIONS with a body), 431, 505.
  outcome feed(std::string_view bytes) noexcept;

  /// The head under way has its request line, and that is one of HTTP: its sender may be told that the rest is late.
  bool has_request_line() const noexcept { return request_line_ > 0; }

 private:
  std::size_t scanned_ = 0;            ///< bytes that hold no line end still to be looked at
  std::size_t line_start_ = 0;         ///< where the line being scanned starts
  std::size_t request_line_ = 0;       ///< the request line's size with its CRLF, 0 while incomplete
  bool request_line_checked_ = false;  ///< and it was found well-formed
};

}  // namespace sidecar::http
