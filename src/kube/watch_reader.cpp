#include "sidecar/kube/watch_reader.hpp"

#include <boost/beast/http/error.hpp>

namespace sidecar::kube {

namespace http = boost::beast::http;
using boost::system::error_code;

bool watch_reader::is_accepted() const noexcept { return answer_.so_far().status == 200; }

result<watch_reader::progress> watch_reader::feed(std::string_view bytes) {
  const auto outcome = answer_.feed(bytes);
  if (!outcome) return outcome.error();
  const bool is_complete = *outcome == answer_reader::progress::complete;
  if (!is_accepted()) return is_complete ? progress::complete : progress::need_more;
  lines_.erase(0, taken_);
  unended_ -= taken_;
  taken_ = 0;
  lines_.append(answer_.drain());
  const auto beginning = lines_.size() - (lines_.rfind('\n') + 1);  // of a line that is not complete
  if (beginning > limits_.body) return error_code{http::error::body_limit};
  if (is_complete && beginning > 0) return error_code{http::error::partial_message};
  return is_complete ? progress::complete : progress::need_more;
}

std::optional<std::string> watch_reader::next_line() {
  for (;;) {
    const auto end = lines_.find('\n', unended_);
    if (end == std::string::npos) {
      unended_ = lines_.size();
      return std::nullopt;
    }
    const auto begin = taken_;
    taken_ = unended_ = end + 1;
    if (end > begin) return lines_.substr(begin, end - begin);
  }
}

}  // namespace sidecar::kube
