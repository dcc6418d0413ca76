#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sidecar/http/request.hpp"

namespace sidecar::http {

/// PURE. Parses one request head at a time. Allocates nothing, never throws. The outcome depends on the bytes only, not
/// on their segments: a head is parsed when it is complete; before that only line ends are searched, and the request
/// line is checked as soon as it is complete.
class request_reader {
 public:
  enum class status : std::uint8_t {
    need_more,
    complete,  ///< `request` and `consumed` are set; feed what follows as a new head
    /// `refusal` is set, and `request` if it could be parsed. Answer and close: the start of the next request is
    /// unknown.
    refused,
    not_http,  ///< no HTTP request: close without a byte
  };

  struct outcome {
    request_reader::status status = status::need_more;
    http::refusal refusal{};
    std::size_t consumed = 0;
    http::request request{};
  };

  /// `bytes`: all since the previous head's end, not only the new ones. An HTTP/0.9 request is complete with its
  /// line. A refusal is one of 400, 413 (GET, HEAD or OPTIONS with a body), 431, 505.
  outcome feed(std::string_view bytes) noexcept;

  /// The current head has an HTTP request line: its sender may get a 408.
  bool has_request_line() const noexcept { return request_line_ > 0; }

 private:
  std::size_t scanned_ = 0;            ///< bytes already searched for line ends
  std::size_t line_start_ = 0;         ///< where the line being scanned starts
  std::size_t request_line_ = 0;       ///< the request line's size with its CRLF, 0 while incomplete
  bool request_line_checked_ = false;  ///< and found well-formed
};

}  // namespace sidecar::http
