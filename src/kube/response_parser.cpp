#include "sidecar/kube/response_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <limits>
#include <utility>

namespace sidecar::kube {

namespace http = boost::beast::http;
using boost::system::error_code;

/// Beast's parser with our storage and limits. Trailers also arrive in on_field_impl and are ignored.
class response_parser::parser final : public http::basic_parser<false> {
 public:
  parser(const response_limits& limits, body use) : limits_(limits), use_(use) {
    // Replaced by our own limits: 1.81 applies its own to single inputs, 1.88 leaves the trailers what the head has
    // left.
    header_limit(std::numeric_limits<std::uint32_t>::max() / 2);
    body_limit(boost::none);
    eager(false);  // so that a chunk's size line can be corrected before Beast parses it
  }

  api_response response;
  /// What the next byte belongs to.
  enum class position : std::uint8_t {
    head,
    chunk_line,  ///< with the line end of the previous chunk
    content,
    trailers,  ///< Beast 1.81 parses the last chunk's size line together with them, 1.88 before them
  };
  position next = position::head;

 private:
  using view = boost::beast::string_view;

  void on_request_impl(http::verb, view, view, int, error_code& ec) override { ec = http::error::bad_version; }
  void on_response_impl(int code, view, int, error_code&) override { response.status = static_cast<unsigned>(code); }

  void on_field_impl(http::field name, view text, view value, error_code& ec) override {
    // Beast 1.81 has no limit for trailers (boostorg/beast#2920), which arrive here all at once.
    field_bytes_ += text.size() + value.size();
    if (field_bytes_ > limits_.head) ec = http::error::header_limit;
    if (next != position::head) return;
    // "gzip, chunked" would hide a compressed body from the check of Content-Encoding (RFC 9112, 6.1).
    if (name == http::field::transfer_encoding &&
        (std::exchange(has_transfer_encoding_, true) || !boost::beast::iequals(value, "chunked"))) {
      ec = http::error::bad_transfer_encoding;
    }
    if (name == http::field::date) value.copy(response.date.data(), response.date.size());
    if (name == http::field::retry_after) response.retry_after.assign(value.begin(), value.end());
    if (name == http::field::content_encoding) {
      if (!response.content_encoding.empty()) response.content_encoding += ',';
      response.content_encoding.append(value.begin(), value.end());
    }
  }

  void on_header_impl(error_code& ec) override {
    next = chunked() ? position::chunk_line : position::content;
    if (!need_eof() || response.status != 200) return;
    response = {};
    ec = http::error::partial_message;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override {
    if (!length || (use_ == body::handed_on && response.status == 200)) return;
    if (*length <= limits_.body) return response.body.reserve(static_cast<std::size_t>(*length));
    if (use_ == body::kept) response.excess = body_excess{.bytes = *length, .is_all = true, .limit = limits_.body};
    ec = http::error::body_limit;
  }

  std::size_t on_body_impl(view bytes, error_code& ec) override { return append(bytes, ec); }
  void on_chunk_header_impl(std::uint64_t size, view, error_code& ec) override {
    next = size == 0 ? position::trailers : position::content;
    if (use_ != body::kept || size <= room()) return;
    // A chunk over the limit of the whole response need not be counted.
    if (size > limits_.total || !counts_excess()) {
      exceed(std::min<std::uint64_t>(size, limits_.total));
      ec = http::error::body_limit;
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t left, view bytes, error_code& ec) override {
    if (left == bytes.size()) next = position::chunk_line;
    return append(bytes, ec);
  }
  void on_finish_impl(error_code& ec) override {
    if (!response.excess) return;
    response.excess->is_all = true;
    ec = http::error::body_limit;
  }

  std::size_t append(view bytes, error_code& ec) {
    if (!response.excess && bytes.size() <= room()) {
      const auto size = response.body.size() + bytes.size();  // grows once more at most, and never beyond the limit
      if (size > response.body.capacity() && size > limits_.body / 4) response.body.reserve(limits_.body);
      response.body.append(bytes.data(), bytes.size());
      return bytes.size();
    }
    if (counts_excess()) {
      exceed(bytes.size());
      return bytes.size();
    }
    ec = http::error::body_limit;
    return 0;
  }
  std::size_t room() const noexcept { return limits_.body - response.body.size(); }
  /// The size of a pod that is too large is logged; that of an error is not needed.
  bool counts_excess() const noexcept { return use_ == body::kept && response.status == 200; }

  void exceed(std::uint64_t more) {
    if (!response.excess) response.excess = body_excess{.bytes = response.body.size(), .limit = limits_.body};
    response.excess->bytes += more;
    if (counts_excess()) std::string{}.swap(response.body);  // frees the memory, unlike an assignment
  }

  response_limits limits_;
  body use_;
  std::size_t field_bytes_ = 0;
  bool has_transfer_encoding_ = false;
};

namespace {
constexpr std::size_t min_last_chunk = std::string_view{"0\r\n\r\n"}.size();
constexpr std::string_view line_end = "\r\n";

/// The size of the rest of a head that ends in `bytes`; the line end of the last field may have been consumed before.
std::size_t rest_of_head(std::string_view bytes) {
  return bytes.starts_with(line_end) ? line_end.size() : bytes.find("\r\n\r\n") + 2 * line_end.size();
}

// Two deviations from RFC 9112 that clients accept (Go's net/http, curl) and Beast 1.81 refuses.

/// The position of the missing blank in a status line without a phrase, "HTTP/1.1 503\r\n" (section 4 requires the
/// blank). 0: none is missing.
std::size_t missing_blank(std::string_view head) {
  constexpr std::string_view form = "HTTP/0.0 000\r";
  const bool is_bare =
      head.size() >= form.size() && std::equal(form.begin(), form.end(), head.begin(),
                                               [](char f, char c) { return f == '0' ? c >= '0' && c <= '9' : f == c; });
  return is_bare ? form.size() - 1 : 0;
}

/// The number of blanks at the end of a chunk's size line, "1000  ", which section 7.1 does not allow; servers that
/// reserve room for the size send them. 0 for a line of blanks alone, which Beast refuses.
std::size_t surplus_blanks(std::string_view line) {
  const auto size = line.find_last_not_of(" \t") + 1;
  return size == 0 || line[size - 1] == '\n' ? 0 : line.size() - size;
}

/// Replaces `count` bytes at `position`. The result is stored in `storage`, which `bytes` may point into.
std::string_view replace(std::string_view bytes, std::size_t position, std::size_t count, std::string_view replacement,
                         std::string& storage) {
  auto corrected = std::string{bytes}.replace(position, count, replacement);
  return storage = std::move(corrected);
}

}  // namespace

response_parser::response_parser(response_limits limits, body use)
    : limits_(limits), use_(use), parser_(std::make_unique<parser>(limits, use)) {}
response_parser::~response_parser() = default;

result<response_parser::progress> response_parser::feed(std::string_view bytes) {
  total_ += bytes.size();
  if (total_ > limits_.total) return error_code{http::error::body_limit};
  if (pending_.empty()) return feed_parser(bytes);
  pending_.append(bytes);
  // Beast 1.81 asserts that a last chunk arrives whole (boostorg/beast#2861), so shorter input waits.
  if (parser_->next == parser::position::chunk_line && pending_.size() < min_last_chunk) return progress::need_more;
  const auto joined = std::move(pending_);
  pending_.clear();
  return feed_parser(joined);
}

error_code response_parser::skip_interim() {
  if (parser_->response.status == 101 || ++interim_ > limits_.interim_responses) return http::error::bad_status;
  parser_ = std::make_unique<parser>(limits_, use_);
  head_ = 0;
  return {};
}

result<response_parser::progress> response_parser::keep_pending(std::string_view bytes) {
  if (last_chunk_ + bytes.size() > limits_.head) return error_code{http::error::header_limit};
  pending_.assign(bytes);
  return progress::need_more;
}

result<response_parser::progress> response_parser::feed_parser(std::string_view bytes) {
  std::string corrected;
  while (!bytes.empty() && !parser_->is_done()) {
    error_code ec;
    const bool in_head = !parser_->is_header_done();
    const bool in_chunk_line = parser_->next == parser::position::chunk_line;
    if (in_head && head_ == 0) {
      if (const auto position = missing_blank(bytes)) bytes = replace(bytes, position, 0, " ", corrected);
    } else if (in_chunk_line) {
      // Beast remembers how far it has searched for the line end, so the correction must come before it sees the line.
      const auto end = bytes.find(line_end, bytes.starts_with(line_end) ? line_end.size() : 0);
      if (end == bytes.npos) return keep_pending(bytes);
      if (end + line_end.size() > limits_.head) return error_code{http::error::header_limit};  // as keep_pending would
      if (const auto count = surplus_blanks(bytes.substr(0, end)))
        bytes = replace(bytes, end - count, count, "", corrected);
    }
    const auto used = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (in_head) head_ += parser_->is_header_done() ? rest_of_head(bytes) : used;
    if (head_ > limits_.head) {
      parser_->response = {};  // nothing of such a head may be used
      return error_code{http::error::header_limit};
    }
    // The last chunk's size line with its trailers: as keep_pending would, had they come in pieces.
    if (parser_->next == parser::position::trailers) last_chunk_ += used;
    if (last_chunk_ > limits_.head) return error_code{http::error::header_limit};
    bytes.remove_prefix(used);
    if (ec == http::error::need_more || (!ec && used == 0 && !parser_->is_done())) return keep_pending(bytes);
    if (ec) return ec;
    if (!parser_->is_done()) continue;
    if (parser_->response.status / 100 != 1) break;
    if (const auto refused = skip_interim()) return refused;
  }
  if (!parser_->is_done()) return progress::need_more;
  // Bytes after the response belong to no request of ours: the connection must not carry another one.
  parser_->response.reusable = parser_->keep_alive() && bytes.empty();
  return progress::complete;
}

api_response response_parser::take() { return std::move(parser_->response); }

std::optional<api_response> response_parser::take_unfinished() {
  if (!parser_->is_header_done()) return std::nullopt;
  auto& response = parser_->response;
  if (response.status / 100 <= 1 || (response.status == 200 && !response.excess)) return std::nullopt;
  response.is_cut = !parser_->need_eof();
  return std::move(response);
}

const api_response& response_parser::so_far() const noexcept {
  static const api_response nothing;
  return parser_->is_header_done() ? parser_->response : nothing;
}

std::string response_parser::drain() {
  total_ = 0;
  return std::exchange(parser_->response.body, {});
}

}  // namespace sidecar::kube
