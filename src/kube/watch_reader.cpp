#include "sidecar/kube/watch_reader.hpp"

#include <boost/beast/http/error.hpp>

#include "sidecar/kube/request.hpp"

namespace sidecar::kube {

namespace http = boost::beast::http;
using boost::system::error_code;

result<watch_reader::progress> watch_reader::feed(std::string_view bytes) {
  const auto outcome = answer_.feed(bytes);
  const auto& answer = answer_.so_far();
  if (answer.status == 200 && is_compressed(answer)) return error_code{http::error::bad_transfer_encoding};
  // What is wrong may be the head.
  accepted_ = answer.status == 200 && (accepted_ || outcome || !answer.body.empty());
  if (accepted_) {
    if (const auto refused = add(answer_.drain())) return refused;
  }
  if (!outcome) return outcome.error();
  if (*outcome == answer_reader::progress::need_more) return progress::need_more;
  if (unended_ > 0) return error_code{http::error::partial_message};
  return progress::complete;
}

error_code watch_reader::add(std::string_view more) {
  forget_taken();
  while (!more.empty()) {
    const auto end = more.find('\n');
    const auto piece = more.substr(0, end);
    if (piece.size() > longest_line_ - unended_) return http::error::body_limit;
    const bool is_ended = end != std::string_view::npos;
    lines_.append(more.substr(0, is_ended ? end + 1 : end));
    unended_ = is_ended ? 0 : unended_ + piece.size();
    more.remove_prefix(is_ended ? end + 1 : more.size());
  }
  return {};
}

/// What one long line has needed is given back, since a watch lasts.
void watch_reader::forget_taken() {
  constexpr std::size_t usual = 64 * 1024;
  lines_.erase(0, taken_);
  taken_ = 0;
  if (lines_.empty() && lines_.capacity() > usual) std::string{}.swap(lines_);  // an empty one's assignment keeps it
}

std::optional<std::string_view> watch_reader::next_line() {
  while (taken_ < lines_.size() - unended_) {
    const auto begin = taken_;
    const auto end = lines_.find('\n', begin);
    taken_ = end + 1;
    if (end > begin) return std::string_view{lines_}.substr(begin, end - begin);
  }
  return std::nullopt;
}

}  // namespace sidecar::kube
