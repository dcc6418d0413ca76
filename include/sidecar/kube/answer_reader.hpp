#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::kube {

/// What one HTTP/1.1 answer of the API server came to.
struct api_answer {
  unsigned status = 0;
  std::string body;
  std::string retry_after;       ///< as sent; empty: none
  std::string content_encoding;  ///< as sent; empty: none
  bool reusable = false;         ///< the connection may carry another request
};

/// What a single answer may cost. A pod is at most some 3 MB of JSON in theory (etcd's 1.5 MiB limit, in protobuf), and
/// 5-20 kB in practice.
struct answer_limits {
  std::size_t head = 16 * 1024;         ///< bytes of status line and fields
  std::size_t body = 2 * 1024 * 1024;   ///< bytes after de-chunking
  std::size_t total = 4 * 1024 * 1024;  ///< bytes on the wire: chunk extensions and trailers count too
  unsigned interim_answers = 3;         ///< 1xx answers before the final one
};

/// Reads one answer from bytes as they come (RFC 9112). Pure; never throws. A body that ends with the connection is
/// refused, since its truncation could not be seen; so are 101 and more than a few 1xx.
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

  /// What is known of the answer so far; its status is 0 until the head is complete (RFC 9112, 2.1), and stays so if
  /// the head is refused.
  const api_answer& so_far() const noexcept;

  /// For an answer without end: hands over what has come of the body since the last time, which then counts for no
  /// limit any more.
  std::string drain();

 private:
  class parser;

  result<progress> feed_parser(std::string_view bytes);
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
