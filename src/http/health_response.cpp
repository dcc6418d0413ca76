#include "sidecar/http/health_response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace sidecar::http {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using error = beast::http::error;

constexpr std::size_t max_head = 8 * 1024;
constexpr std::size_t max_response = 64 * 1024;

}  // namespace

class health_response_reader::parser final : public beast::http::basic_parser<false> {
 public:
  parser() {
    header_limit(max_head);
    body_limit(boost::none);  // the reader counts
    eager(true);
  }

  health_response response;

  /// 101 is final: the connection speaks another protocol from then on.
  bool is_interim() const noexcept { return response.status / 100 == 1 && response.status != 101; }

 private:
  using view = beast::string_view;

  void on_request_impl(beast::http::verb, view, view, int, error_code& failed) override { failed = error::bad_version; }
  void on_response_impl(int code, view reason, int, error_code&) override {
    response.status = static_cast<unsigned>(code);
    response.reason.assign(reason.data(), reason.size());
  }
  void on_field_impl(beast::http::field, view name, view value, error_code&) override {
    if (in_body_) return;  // a trailer
    if (beast::iequals(name, "X-Health-Drain")) response.is_drain = value == "true";
    if (beast::iequals(name, "X-Health-Held")) response.held.assign(value.data(), value.size());
  }
  void on_header_impl(error_code&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(view bytes, error_code&) override { return bytes.size(); }
  void on_chunk_header_impl(std::uint64_t, view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, view bytes, error_code&) override { return bytes.size(); }
  void on_finish_impl(error_code&) override {}

  bool in_body_ = false;
};

health_response_reader::health_response_reader() : parser_(std::make_unique<parser>()) {}
health_response_reader::~health_response_reader() = default;

const health_response& health_response_reader::response() const noexcept { return parser_->response; }

result<health_response_reader::progress> health_response_reader::feed(std::string_view bytes) {
  total_ += bytes.size();
  if (total_ > max_response) return make_error_code(error::body_limit);
  unread_.append(bytes);
  while (!parser_->is_done() && !unread_.empty()) {
    error_code failed;
    const auto used = parser_->put(boost::asio::buffer(unread_), failed);
    unread_.erase(0, used);
    if (failed && failed != error::need_more) return failed;
    if (parser_->is_done() && parser_->is_interim()) {
      parser_ = std::make_unique<parser>();
    } else if (failed || used == 0) {
      break;
    }
  }
  return parser_->is_done() ? progress::complete : progress::incomplete;
}

result<void> health_response_reader::finish() {
  if (parser_->is_done()) return {};
  if (!parser_->is_header_done()) return make_error_code(total_ == 0 ? error::end_of_stream : error::partial_message);
  error_code failed;
  parser_->put_eof(failed);
  if (failed) return failed;
  return {};
}

}  // namespace sidecar::http
