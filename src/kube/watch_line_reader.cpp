#include "sidecar/kube/watch_line_reader.hpp"

#include <boost/beast/http/error.hpp>

#include "sidecar/kube/classify.hpp"

namespace sidecar::kube {

namespace http = boost::beast::http;
using boost::system::error_code;

result<watch_line_reader::progress> watch_line_reader::feed(std::string_view bytes) {
  const auto outcome = response_.feed(bytes);
  const auto& response = response_.so_far();
  if (response.status == 200 && is_compressed(response)) return error_code{http::error::bad_transfer_encoding};
  // An error may concern the head: then the watch is not accepted.
  accepted_ = response.status == 200 && (accepted_ || outcome || !response.body.empty());
  if (accepted_) {
    if (const auto refused = add(response_.drain())) return refused;
  }
  if (!outcome) return outcome.error();
  if (*outcome == response_parser::progress::need_more) return progress::need_more;
  if (unended_ > 0) return error_code{http::error::partial_message};
  return progress::complete;
}

error_code watch_line_reader::add(std::string_view more) {
  drop_taken();
  while (!more.empty()) {
    const auto end = more.find('\n');
    const auto piece = more.substr(0, end);
    if (piece.size() > max_line_ - unended_) return http::error::body_limit;
    const bool is_ended = end != std::string_view::npos;
    lines_.append(more.substr(0, is_ended ? end + 1 : end));
    unended_ = is_ended ? 0 : unended_ + piece.size();
    more.remove_prefix(is_ended ? end + 1 : more.size());
  }
  return {};
}

/// Frees the memory of a long line, since a watch lasts.
void watch_line_reader::drop_taken() {
  constexpr std::size_t kept_capacity = 64 * 1024;
  lines_.erase(0, taken_);
  taken_ = 0;
  if (lines_.empty() && lines_.capacity() > kept_capacity)
    std::string{}.swap(lines_);  // frees the memory, unlike an assignment
}

std::optional<std::string_view> watch_line_reader::next_line() {
  while (taken_ < lines_.size() - unended_) {
    const auto begin = taken_;
    const auto end = lines_.find('\n', begin);
    taken_ = end + 1;
    if (end > begin) return std::string_view{lines_}.substr(begin, end - begin);
  }
  return std::nullopt;
}

}  // namespace sidecar::kube
