#include "sidecar/http/request_reader.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "sidecar/http/limits.hpp"
#include "sidecar/http/request_line.hpp"

namespace sidecar::http {
namespace {

namespace bh = boost::beast::http;
using boost::beast::iequals;
using boost::beast::string_view;
using boost::system::error_code;

std::string_view view(boost::beast::string_view text) noexcept { return {text.data(), text.size()}; }

method method_of(bh::verb verb) noexcept {
  switch (verb) {
    case bh::verb::get:
      return method::get;
    case bh::verb::head:
      return method::head;
    case bh::verb::options:
      return method::options;
    default:
      return method::other;
  }
}

/// Beast's syntax rules with storage of our own: `request_parser` costs four allocations a request, this none. Bodies
/// are skipped: Beast 1.81 throws on a chunked trailer, and treats some transfer encodings as "no body", so that the
/// body would become the next request.
class head_parser final : public bh::basic_parser<true> {
 public:
  explicit head_parser(std::string_view head) : head_(head) {
    eager(false);
    skip(true);
    header_limit(head_bytes);
  }

  /// Valid after `put` has parsed the whole head.
  const request& finish() {
    request_.keep_alive = !close_ && keep_alive();
    request_.has_body = transfer_encoding_ || content_length().value_or(0) > 0;
    return request_;
  }

  /// A transfer encoding with which the body's end is ambiguous: any but "chunked", or with HTTP/1.0 or Content-Length.
  bool ambiguous_framing() const {
    return transfer_encoding_ &&
           (other_encoding_ || request_.version != http_version::http_1_1 || content_length().has_value());
  }

 private:
  void on_request_impl(bh::verb verb, string_view, string_view target, int version, error_code&) override {
    request_.method = method_of(verb);
    request_.target = view(target);
    request_.version = version == 11 ? http_version::http_1_1 : http_version::http_1_0;
  }

  void on_field_impl(bh::field field, string_view, string_view value, error_code& ec) override {
    switch (field) {
      case bh::field::host:
        // Two different hosts are a request smuggling attempt. A folded value is no valid host.
        if (!lies_in_head(value) || (has_host_ && !iequals(request_.host, value))) ec = bh::error::bad_value;
        has_host_ = true;
        request_.host = view(value);
        break;
      case bh::field::transfer_encoding:
        other_encoding_ |= transfer_encoding_ || !iequals(value, "chunked");
        transfer_encoding_ = true;
        break;
      case bh::field::connection:
        // In HTTP/1.0 Beast prefers `keep-alive` to `close`.
        close_ |= bh::token_list{value}.exists("close");
        break;
      case bh::field::user_agent:
        request_.user_agent = lies_in_head(value) ? view(value) : std::string_view{};
        break;
      default:
        break;
    }
  }

  /// False for a folded value, which is in a buffer that Beast reuses.
  bool lies_in_head(string_view value) const noexcept {
    return !std::less<>{}(value.data(), head_.data()) && !std::less<>{}(head_.data() + head_.size(), value.data());
  }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}

  request request_{};
  std::string_view head_;
  bool has_host_ = false;
  bool close_ = false;
  bool transfer_encoding_ = false;
  bool other_encoding_ = false;
};

/// True for `METHOD SP target SP HTTP/d.d`: well-formed, with an unsupported version.
bool names_a_version(std::string_view line) noexcept {
  const auto first = line.find(' ');
  if (first == line.npos) return false;
  const auto second = line.find(' ', first + 1);
  return second != line.npos && is_http_version(line.substr(second + 1));
}

refusal refusal_of(error_code ec, std::string_view head) noexcept {
  if (ec == bh::error::header_limit) return refusal::head_too_large;
  if (ec == bh::error::bad_version && names_a_version(head.substr(0, head.find("\r\n")))) {
    return refusal::version_not_supported;
  }
  return refusal::bad_request;
}

request_reader::outcome refused(refusal why, const request& read = {}) noexcept {
  return {.status = request_reader::status::refused, .refusal = why, .consumed = 0, .request = read};
}

/// The error of a request line with its CRLF; empty if it has none.
std::optional<refusal> check_request_line(std::string_view line) {
  head_parser parser(line);
  error_code ec;
  parser.put({line.data(), line.size()}, ec);
  if (ec == bh::error::need_more) return std::nullopt;
  return refusal_of(ec, line);
}

request_reader::outcome http_0_9(std::string_view line) noexcept {
  constexpr std::string_view get = "GET ";
  constexpr std::string_view line_end = "\r\n";
  const auto target = line.substr(get.size(), line.size() - get.size() - line_end.size());
  return {.status = request_reader::status::complete,
          .consumed = line.size(),
          .request = {.method = method::get, .target = target, .version = http_version::http_0_9}};
}

request_reader::outcome parse(std::string_view head) {
  head_parser parser(head);
  error_code ec;
  parser.put({head.data(), head.size()}, ec);
  if (ec) return refused(refusal_of(ec, head));
  if (!parser.is_done() || parser.ambiguous_framing()) return refused(refusal::bad_request);
  const auto& read = parser.finish();
  if (read.has_body && read.method != method::other) return refused(refusal::content_too_large, read);
  return {.status = request_reader::status::complete, .refusal = {}, .consumed = head.size(), .request = read};
}

}  // namespace

request_reader::outcome request_reader::feed(std::string_view bytes) noexcept try {
  const auto bounded = bytes.substr(0, head_bytes);
  if (request_line_ == 0) {
    const auto first = read_request_line(bounded);
    if (first.what == request_line::kind::unfinished) return {};
    if (first.what == request_line::kind::not_http) return {.status = status::not_http};
    const auto line = bounded.substr(0, first.size);
    if (first.what == request_line::kind::http_0_9) return http_0_9(line);
    request_line_ = line_start_ = scanned_ = first.size;
    if (!line.ends_with("\r\n")) return refused(refusal::bad_request);
  }

  bool bare_line_feed = false;
  while (!bare_line_feed) {
    const auto line_feed = bounded.find('\n', scanned_);
    if (line_feed == bounded.npos) break;
    bare_line_feed = line_feed == line_start_ || bounded[line_feed - 1] != '\r';
    scanned_ = line_feed + 1;
    if (bare_line_feed) break;
    if (scanned_ - line_start_ == 2) {
      *this = {};
      return parse(bounded.substr(0, line_feed + 1));
    }
    line_start_ = scanned_;
  }

  if (!std::exchange(request_line_checked_, true)) {
    if (const auto wrong = check_request_line(bounded.substr(0, request_line_))) return refused(*wrong);
  }
  if (bare_line_feed) return refused(refusal::bad_request);
  if (bytes.size() >= head_bytes) return refused(refusal::head_too_large);
  scanned_ = bytes.size();
  return {};
} catch (...) {
  // Nothing here is known to throw; if Beast does, the process survives.
  return refused(refusal::bad_request);
}

}  // namespace sidecar::http
