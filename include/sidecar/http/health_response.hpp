#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::http {

/// What a client of a health port learns from a complete response.
struct health_response {
  unsigned status = 0;
  std::string reason{};   ///< the reason phrase: foreign text
  bool is_drain = false;  ///< X-Health-Drain: true
  std::string held{};     ///< the value of X-Health-Held: foreign text
};

/// PURE. Reads a response as its bytes arrive: HTTP/1.0 or 1.1, interim ones (1xx) are skipped, the body is counted and
/// dropped. Its head has at most 8 KiB, and head and body together at most 64 KiB.
class health_response_reader {
 public:
  health_response_reader();
  ~health_response_reader();

  enum class progress : std::uint8_t { incomplete, complete };

  /// Bytes after a complete response are ignored. Errors: Beast's.
  result<progress> feed(std::string_view bytes);

  /// The server has closed. Errors: end_of_stream without any byte, partial_message in the middle.
  result<void> finish();

  /// Valid once feed() has returned complete or finish() has succeeded.
  const health_response& response() const noexcept;

 private:
  class parser;

  std::unique_ptr<parser> parser_;
  std::string unread_;
  std::size_t total_ = 0;
};

}  // namespace sidecar::http
