#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/kube/answer_reader.hpp"

namespace sidecar::kube {

/// Reads the answer to a watch from bytes as they come: an answer without end, one event a line, lines and chunks
/// independent of each other. Pure; never throws. What is kept at once is bounded by `answer_limits::body`, whatever
/// there is in total.
class watch_reader {
 public:
  explicit watch_reader(answer_limits limits = {})
      : longest_line_(limits.body), answer_(limits, answer_reader::body::drained) {}

  enum class progress { need_more, complete };

  /// Takes all of `bytes`. Complete: the answer has come to its end; of a watch that was accepted there are the last
  /// lines to take, of a refusal the answer. Errors: as answer_reader's; also body_limit for a line that is too long,
  /// partial_message for an answer that ends within a line, and bad_transfer_encoding for events that are compressed.
  /// After one the reader is of no use but for the lines that came before it.
  result<progress> feed(std::string_view bytes);

  /// The next complete line without its end, in order; take all before more bytes are fed. Empty lines are left out.
  /// The view is valid until the next call.
  std::optional<std::string_view> next_line();

  /// The status says that events follow; false also while it is not known.
  bool is_accepted() const noexcept { return accepted_; }

  /// What is known of a refusal before it is complete; the status is 0 until its head is.
  const api_answer& refusal_so_far() const noexcept { return answer_.so_far(); }

  /// The refusal, once it is complete.
  api_answer take() { return answer_.take(); }

  /// As answer_reader's; nothing of a watch that was accepted.
  std::optional<api_answer> take_unfinished() { return answer_.take_unfinished(); }

 private:
  boost::system::error_code add(std::string_view more);
  void forget_taken();

  std::size_t longest_line_;
  answer_reader answer_;
  bool accepted_ = false;
  std::string lines_;        // complete ones, then the beginning of another
  std::size_t taken_ = 0;    // bytes at the front of lines_ that have been handed out
  std::size_t unended_ = 0;  // bytes of that beginning
};

}  // namespace sidecar::kube
