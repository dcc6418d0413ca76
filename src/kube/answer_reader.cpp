#include "sidecar/kube/answer_reader.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "sidecar/kube/response_leniency.hpp"

namespace sidecar::kube {

namespace http = boost::beast::http;
using boost::system::error_code;

/// Collects what is needed and ignores the rest; Beast does the grammar. Field names and values of trailers come
/// through on_field_impl too and are ignored once the body has begun.
class answer_reader::parser final : public http::basic_parser<false> {
 public:
  parser(const answer_limits& limits, body use)
      : limit_(limits.body), total_limit_(limits.total), field_limit_(limits.head), drained_(use == body::drained) {
    header_limit(static_cast<std::uint32_t>(limits.head));
    body_limit(boost::none);  // ours: of what is announced, and of what is kept
    eager(false);             // so that each chunk's line can be looked at before it is read
  }

  api_answer answer;
  bool is_at_chunk_line = false;
  bool is_after_chunks = false;  ///< the line of the last chunk is read, which Beast 1.81 reads with what follows it

 private:
  using view = boost::beast::string_view;

  void on_request_impl(http::verb, view, view, int, error_code& ec) override { ec = http::error::bad_version; }
  void on_response_impl(int code, view, int, error_code&) override { answer.status = static_cast<unsigned>(code); }

  void on_field_impl(http::field name, view text, view value, error_code& ec) override {
    // Beast 1.81 applies its own limit to the head alone (boostorg/beast#2920).
    field_bytes_ += text.size() + value.size();
    if (field_bytes_ > field_limit_) ec = http::error::header_limit;
    if (in_body_) return;
    if (name == http::field::retry_after) answer.retry_after.assign(value.begin(), value.end());
    if (name == http::field::content_encoding) {
      if (!answer.content_encoding.empty()) answer.content_encoding += ',';
      answer.content_encoding.append(value.begin(), value.end());
    }
  }

  void on_header_impl(error_code& ec) override {
    in_body_ = true;
    is_at_chunk_line = chunked();
    if (!need_eof() || answer.status != 200) return;
    answer = {};
    ec = http::error::partial_message;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override {
    if (!length) return;
    if (*length > limit_) {
      if (!drained_) answer.excess = body_excess{.bytes = *length, .is_all = true, .limit = limit_};
      ec = http::error::body_limit;
    } else {
      answer.body.reserve(static_cast<std::size_t>(*length));
    }
  }

  std::size_t on_body_impl(view bytes, error_code& ec) override { return append(bytes, ec); }
  void on_chunk_header_impl(std::uint64_t size, view, error_code& ec) override {
    is_after_chunks = size == 0;
    is_at_chunk_line = false;
    if (drained_ || size <= room()) return;
    // What does not even fit the whole answer's limit need not be counted.
    if (size > total_limit_ || !counts_on()) {
      exceed(std::min<std::uint64_t>(size, total_limit_));
      ec = http::error::body_limit;
    }
  }
  std::size_t on_chunk_body_impl(std::uint64_t left, view bytes, error_code& ec) override {
    is_at_chunk_line = left == bytes.size();
    return append(bytes, ec);
  }
  void on_finish_impl(error_code& ec) override {
    if (!answer.excess) return;
    answer.excess->is_all = true;
    ec = http::error::body_limit;
  }

  std::size_t append(view bytes, error_code& ec) {
    if (!answer.excess && bytes.size() <= room()) {
      grow(answer.body.size() + bytes.size());
      answer.body.append(bytes.data(), bytes.size());
      return bytes.size();
    }
    if (!counts_on()) {
      ec = http::error::body_limit;
      return 0;
    }
    exceed(bytes.size());
    return bytes.size();
  }

  std::size_t room() const noexcept { return limit_ - answer.body.size(); }

  /// By doubling, as a string grows, but the last step goes to the limit: else what is nearly that long would be copied
  /// into twice as much.
  void grow(std::size_t size) {
    const auto capacity = answer.body.capacity();
    if (size <= capacity) return;
    std::string larger;
    larger.reserve(capacity > limit_ / 4 ? limit_ : std::max(size, 2 * capacity));
    larger.append(answer.body);
    answer.body.swap(larger);
  }

  /// A pod's JSON that is too long is told with its size; of an error nobody needs to know it.
  bool counts_on() const noexcept { return !drained_ && answer.status == 200; }

  void exceed(std::uint64_t more) {
    if (!answer.excess) answer.excess = body_excess{.bytes = answer.body.size(), .limit = limit_};
    answer.excess->bytes += more;
    if (counts_on()) std::string{}.swap(answer.body);  // assigning an empty one would keep the memory
  }

  std::size_t limit_;
  std::size_t total_limit_;
  std::size_t field_limit_;
  bool drained_;
  std::size_t field_bytes_ = 0;
  bool in_body_ = false;
};

namespace {

constexpr std::size_t shortest_end = std::string_view{"0\r\n\r\n"}.size();

/// The part of a head that `bytes` begin with and that ends in them; what came before it may have taken the last
/// field's line end.
std::size_t rest_of_head(std::string_view bytes) {
  constexpr std::string_view line_end = "\r\n";
  constexpr std::string_view head_end = "\r\n\r\n";
  return bytes.starts_with(line_end) ? line_end.size() : bytes.find(head_end) + head_end.size();
}

/// `bytes` with `count` of them at `at` replaced; into `storage`, which they may lie in.
std::string_view replace(std::string_view bytes, std::size_t at, std::size_t count, std::string_view with,
                         std::string& storage) {
  std::string mended;
  mended.reserve(bytes.size() + with.size());
  mended.append(bytes.substr(0, at)).append(with).append(bytes.substr(at + count));
  storage = std::move(mended);
  return storage;
}

}  // namespace

answer_reader::answer_reader(answer_limits limits, body use)
    : limits_(limits), use_(use), parser_(std::make_unique<parser>(limits, use)) {}
answer_reader::~answer_reader() = default;

result<answer_reader::progress> answer_reader::feed(std::string_view bytes) {
  total_ += bytes.size();
  if (total_ > limits_.total) return error_code{http::error::body_limit};
  if (pending_.empty()) return feed_parser(bytes);
  pending_.append(bytes);
  // Less than a last chunk: Beast 1.81 asserts that of one which it has begun to read (boostorg/beast#2861).
  const bool in_chunks = parser_->is_header_done() && !parser_->is_after_chunks;
  if (in_chunks && pending_.size() < shortest_end) return progress::need_more;
  const auto joined = std::move(pending_);
  pending_.clear();
  return feed_parser(joined);
}

error_code answer_reader::pass_over_interim() {
  if (parser_->answer.status == 101 || ++interim_ > limits_.interim_answers) return http::error::bad_status;
  parser_ = std::make_unique<parser>(limits_, use_);
  head_ = 0;
  return {};
}

result<answer_reader::progress> answer_reader::wait_with(std::string_view bytes) {
  if (bytes.size() > limits_.head) return error_code{http::error::header_limit};
  pending_.assign(bytes);
  return progress::need_more;
}

result<answer_reader::progress> answer_reader::feed_parser(std::string_view bytes) {
  std::string mended;
  while (!bytes.empty() && !parser_->is_done()) {
    error_code ec;
    const bool in_head = !parser_->is_header_done();
    if (in_head && head_ == 0) {
      if (const auto at = missing_blank(bytes)) bytes = replace(bytes, at, 0, " ", mended);
    } else if (parser_->is_at_chunk_line) {
      const auto blanks = find_chunk_blanks(bytes);
      // Beast remembers how far it has looked for the line's end, which must not move to before that.
      if (blanks.is_open) return wait_with(bytes);
      if (blanks.size > 0) bytes = replace(bytes, blanks.begin, blanks.size, "", mended);
    }
    const auto used = parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    // Beast 1.81 applies its own limit to what it is given at once, and to the status line and the fields apart.
    if (in_head) head_ += parser_->is_header_done() ? rest_of_head(bytes) : used;
    if (head_ > limits_.head) {
      parser_->answer = {};  // not even what came with the rest of such a head
      return error_code{http::error::header_limit};
    }
    bytes.remove_prefix(used);
    const bool stuck = !ec && used == 0 && !parser_->is_done();
    if (ec == http::error::need_more || stuck) return wait_with(bytes);
    if (ec) return ec;
    if (!parser_->is_done()) continue;
    if (parser_->answer.status / 100 != 1) break;
    if (const auto refused = pass_over_interim()) return refused;
  }
  if (!parser_->is_done()) return progress::need_more;
  // Bytes after the answer belong to nothing we asked: such a connection is not to be trusted with another question.
  parser_->answer.reusable = parser_->keep_alive() && bytes.empty();
  return progress::complete;
}

api_answer answer_reader::take() { return std::move(parser_->answer); }

std::optional<api_answer> answer_reader::take_unfinished() {
  if (!parser_->is_header_done()) return std::nullopt;
  auto& answer = parser_->answer;
  const bool tells_nothing = answer.status / 100 <= 1 || (answer.status == 200 && !answer.excess);
  if (tells_nothing) return std::nullopt;
  answer.is_cut = !parser_->need_eof();
  return std::move(answer);
}

const api_answer& answer_reader::so_far() const noexcept {
  static const api_answer nothing;
  return parser_->is_header_done() ? parser_->answer : nothing;
}

std::string answer_reader::drain() {
  total_ = 0;
  return std::exchange(parser_->answer.body, {});
}

}  // namespace sidecar::kube
