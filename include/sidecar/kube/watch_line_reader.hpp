#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/kube/response_parser.hpp"

namespace sidecar::kube {

/// PURE. Parses the response to a watch incrementally: one event per line, independent of chunks. Never throws. Keeps
/// at most `response_limits::body` bytes at a time.
class watch_line_reader {
 public:
  explicit watch_line_reader(response_limits limits = {})
      : max_line_(limits.body), response_(limits, response_parser::body::drained) {}

  enum class progress { need_more, complete };

  /// Consumes all of `bytes`. Complete: the response has ended; take the last lines of an accepted watch, or the
  /// refusal. Errors: those of response_parser; body_limit for a line that is too long, partial_message for a response
  /// that ends within a line, bad_transfer_encoding for compressed events. After an error only earlier lines may be
  /// taken.
  result<progress> feed(std::string_view bytes);

  /// The next complete line without its end, in order; take all before the next feed(). Empty lines are skipped.
  /// The view is valid until the next call.
  std::optional<std::string_view> next_line();

  /// True if the status is 200; false while it is unknown.
  bool is_accepted() const noexcept { return accepted_; }

  /// An incomplete refusal; its status is 0 until the head is complete.
  const api_response& refusal_so_far() const noexcept { return response_.so_far(); }

  /// The complete refusal.
  api_response take() { return response_.take(); }

  /// As response_parser's; empty for an accepted watch.
  std::optional<api_response> take_unfinished() { return response_.take_unfinished(); }

 private:
  boost::system::error_code add(std::string_view more);
  void drop_taken();

  std::size_t max_line_;
  response_parser response_;
  bool accepted_ = false;
  std::string lines_;        // complete lines, then an incomplete one
  std::size_t taken_ = 0;    // bytes at the front of lines_ that have been handed out
  std::size_t unended_ = 0;  // bytes of that incomplete line
};

}  // namespace sidecar::kube
