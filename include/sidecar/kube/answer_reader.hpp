#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::kube {

/// The size of a body that is longer than its limit.
struct body_excess {
  std::uint64_t bytes = 0;
  bool is_all = false;  ///< as announced, or counted to the end; else there are more
  std::size_t limit = 0;
};

/// What one HTTP/1.1 answer of the API server came to.
struct api_answer {
  unsigned status = 0;
  std::string body;
  std::string retry_after;       ///< as sent; empty: none
  std::string content_encoding;  ///< as sent, several joined by commas; empty: none
  bool reusable = false;         ///< the connection may carry another request

  /// Less of the body came than its length or its chunks announce. One that ends with the connection has neither: then
  /// it is false, and only the body itself can tell.
  bool is_cut = false;
  std::optional<body_excess> excess{};  ///< the body is longer than its limit, and not kept

  bool is_whole() const noexcept { return !is_cut && !excess; }
};

/// What a single answer may cost. A pod is at most some 3 MB of JSON in theory (etcd's 1.5 MiB limit, in protobuf), and
/// 5-20 kB in practice.
struct answer_limits {
  std::size_t head = 16 * 1024;         ///< bytes of status line and fields
  std::size_t body = 2 * 1024 * 1024;   ///< bytes after de-chunking
  std::size_t total = 4 * 1024 * 1024;  ///< bytes on the wire: chunk extensions and trailers count too
  unsigned interim_answers = 3;         ///< 1xx answers before the final one
  /// For the rest of an answer whose status says all: what comes later cannot change it, and would only explain it.
  std::chrono::milliseconds explanation{250};
};

/// Reads one answer from bytes as they come (RFC 9112). Pure; never throws. A 200 whose body ends with the connection
/// is refused, since its truncation could not be seen; so are 101 and more than a few 1xx. A 200 whose body is too long
/// is read on without keeping it, as far as `total` allows, so that its size can be told.
class answer_reader {
 public:
  /// Of a body that is drained as it comes, a chunk may have any size.
  enum class body { kept, drained };

  explicit answer_reader(answer_limits limits = {}, body use = body::kept);
  ~answer_reader();
  answer_reader(const answer_reader&) = delete;
  answer_reader& operator=(const answer_reader&) = delete;

  enum class progress { need_more, complete };

  /// Takes all of `bytes`. Errors: those of Beast's HTTP category, body_limit and
  /// header_limit among them; the reader is of no use after one.
  result<progress> feed(std::string_view bytes);

  /// The complete answer; call once, after feed() returned complete.
  api_answer take();

  /// The answer as far as it came, where nothing more comes or feed() has refused what came: the status is known once
  /// the head is complete, whatever frames the body. Nothing before that, and nothing of a 200, which says nothing
  /// unless it is complete, or too long. Call once.
  std::optional<api_answer> take_unfinished();

  /// What is known of the answer so far; its status is 0 until the head is complete (RFC 9112, 2.1), and stays so if
  /// the head is refused.
  const api_answer& so_far() const noexcept;

  /// For an answer without end: hands over what has come of the body since the last time, which then counts for no
  /// limit any more.
  std::string drain();

 private:
  class parser;

  result<progress> feed_parser(std::string_view bytes);
  result<progress> wait_with(std::string_view bytes);
  boost::system::error_code pass_over_interim();

  answer_limits limits_;
  body use_;
  std::unique_ptr<parser> parser_;
  std::string pending_;   // bytes the parser could not use yet: never more than limits_.head
  std::size_t head_ = 0;  // bytes of the head under way
  std::size_t total_ = 0;
  unsigned interim_ = 0;
};

}  // namespace sidecar::kube
