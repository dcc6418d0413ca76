#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::kube {

/// The size of a body over its limit.
struct body_excess {
  std::uint64_t bytes = 0;
  bool is_all = false;  ///< `bytes` is the whole size; otherwise there are more
  std::size_t limit = 0;
};

/// One HTTP/1.1 response of the API server.
struct api_response {
  unsigned status = 0;
  std::string body;
  std::string retry_after;       ///< as sent; empty: none
  std::string content_encoding;  ///< as sent, several joined by commas; empty: none
  std::array<char, 29>
      date{};             ///< the start of the Date field: an IMF-fixdate has 29 bytes (RFC 9110, 5.6.7); zeros: none
  bool reusable = false;  ///< the connection may carry another request

  /// The body is shorter than its Content-Length or chunks announce. False for a body that ends with the connection,
  /// whose completeness only its content can show.
  bool is_cut = false;
  std::optional<body_excess> excess{};  ///< set: the body is over its limit and was not kept

  bool is_whole() const noexcept { return !is_cut && !excess; }
};

/// The limits for one response. A pod's JSON has at most some 3 MB in theory (etcd's limit is 1.5 MiB of protobuf), and
/// 5 to 20 kB in practice.
struct response_limits {
  std::size_t head = 16 * 1024;         ///< bytes of status line and fields
  std::size_t body = 2 * 1024 * 1024;   ///< bytes after de-chunking
  std::size_t total = 4 * 1024 * 1024;  ///< bytes on the wire: chunk extensions and trailers count too
  unsigned interim_responses = 3;       ///< 1xx responses before the final one
  /// The timeout for the body of a response whose status decides (is_known_by_status): it is only an explanation.
  std::chrono::milliseconds explanation{250};
};

/// PURE. Parses one response incrementally (RFC 9112). Never throws. Refuses a 200 whose body ends with the connection,
/// since its truncation would be invisible, a 101, and more than `interim_responses` 1xx. A 200 over the body limit is
/// read without keeping it, up to `total`, so that its size can be logged.
class response_parser {
 public:
  /// With `drained` and `handed_on`, a chunk may have any size; with `handed_on`, so may a 200.
  enum class body { kept, drained, handed_on };

  explicit response_parser(response_limits limits = {}, body use = body::kept);
  ~response_parser();
  response_parser(const response_parser&) = delete;
  response_parser& operator=(const response_parser&) = delete;

  enum class progress { need_more, complete };

  /// Consumes all of `bytes`. Errors: those of Beast's HTTP category, including body_limit and header_limit; after an
  /// error only take_unfinished may be called.
  result<progress> feed(std::string_view bytes);

  /// The complete response; call once, after feed() returned complete.
  api_response take();

  /// The incomplete response, after the end of the stream or an error of feed(). Empty without a complete head, and for
  /// a 200 that is not over its limit, which means nothing unless it is complete. Call once.
  std::optional<api_response> take_unfinished();

  /// The response so far; its status is 0 until the head is complete (RFC 9112, 2.1), and stays 0 if the head is
  /// refused.
  const api_response& so_far() const noexcept;

  /// For a body that is used as it arrives: removes and returns what has arrived, which then no longer counts for any
  /// limit.
  std::string drain();

 private:
  class parser;

  result<progress> feed_parser(std::string_view bytes);
  result<progress> keep_pending(std::string_view bytes);
  boost::system::error_code skip_interim();

  response_limits limits_;
  body use_;
  std::unique_ptr<parser> parser_;
  std::string pending_;         // bytes that Beast could not use yet; at most limits_.head
  std::size_t head_ = 0;        // bytes of the current head
  std::size_t last_chunk_ = 0;  // bytes of the last chunk's size line and the trailers
  std::size_t total_ = 0;
  unsigned interim_ = 0;
};

}  // namespace sidecar::kube
