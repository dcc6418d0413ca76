#include "sidecar/base/json.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace sidecar::json {
namespace {

using boost::system::error_code;

constexpr std::uint64_t every_byte(unsigned char byte) { return 0x0101010101010101U * byte; }

/// Sets the high bit of each zero byte. A borrow may set bits above a zero byte too, never below the first.
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - every_byte(1)) & ~word & every_byte(0x80); }

/// Plain bytes stand for themselves in a string and in no other way: ASCII but controls, quote and backslash.
constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

constexpr bool holds_only_plain(std::uint64_t word) {
  const std::uint64_t controls = (word - every_byte(0x20)) & ~word;
  const std::uint64_t others =
      word | controls | zero_bytes(word ^ every_byte('"')) | zero_bytes(word ^ every_byte('\\'));
  return (others & every_byte(0x80)) == 0;
}

const char* skip_plain(const char* at, const char* end) {
  for (; end - at >= 8; at += 8) {
    std::uint64_t word{};
    std::memcpy(&word, at, sizeof word);
    if (!holds_only_plain(word)) break;
  }
  while (at != end && is_plain(*at)) ++at;
  return at;
}

/// What may follow a backslash and completes the escape, and what it stands for; \uXXXX is the only other escape.
constexpr std::string_view simple_escapes = "\"\\/bfnrt";
constexpr std::string_view simple_escape_values = "\"\\/\b\f\n\r\t";

bool is_simple_escape(const char* at, const char* end) {
  return *at == '\\' && end - at >= 2 && simple_escapes.find(at[1]) != std::string_view::npos;
}

/// Skips what is valid in a string wherever it stands, and means the same.
const char* skip_harmless(const char* at, const char* end) {
  for (at = skip_plain(at, end); at != end && is_simple_escape(at, end); at = skip_plain(at, end)) at += 2;
  return at;
}

/// `from` to `to` is harmless. Stops at `limit` bytes.
void unescape(const char* from, const char* to, std::size_t limit, std::string& into) {
  into.clear();
  while (from != to && into.size() < limit) {
    if (*from == '\\') {
      into.push_back(simple_escape_values[simple_escapes.find(from[1])]);
      from += 2;
    } else {
      const auto run = static_cast<std::size_t>(skip_plain(from, to) - from);
      into.append(from, std::min(run, limit - into.size()));
      from += run;
    }
  }
}

/// A document's text on its way to nlohmann's lexer, without what the lexer need not see. The lexer costs some 6 ns a
/// byte, and most of a pod is text in strings that nobody asks for.
///
/// * A string of plain bytes and simple escapes is valid whatever it says: the lexer gets `""`, and the text is kept
///   aside for the event that follows.
/// * Of any other string the lexer gets the beginning, and then only what it has to check: plain bytes and simple
///   escapes are left out, but for the first few after anything else. `\u12` or half a UTF-8 sequence must not be
///   completed by what used to stand further on.
///
/// Quotes begin and end strings for the lexer where they do here, up to the first error, after which nothing counts.
class condensed_text {
 public:
  explicit condensed_text(std::string_view text)
      : next_(text.data()), piece_end_(text.data()), end_(text.data() + text.size()) {
    pass_to_opening_quote(next_);
  }

  bool exhausted() const { return next_ == piece_end_; }
  char front() const { return *next_; }
  void pop_front() {
    if (++next_ == piece_end_) start_piece();
  }

  /// The text of the string that the lexer has read last, if the lexer got `""` in its place.
  const std::optional<std::string_view>& set_aside() const { return set_aside_; }

 private:
  /// What follows the piece that the lexer is reading.
  enum class place { end, string, rest_of_long_string };

  /// As the header promises. Six bytes of text make one of the string at worst (\u0041).
  static constexpr std::size_t long_string = 1024;
  static constexpr std::ptrdiff_t long_text = 6 * long_string;
  /// More than the four hex digits of \uXXXX.
  static constexpr std::ptrdiff_t kept_run = 8;

  void start_piece() {
    switch (following_) {
      case place::end:
        return;
      case place::string:
        return start_string();
      case place::rest_of_long_string:
        next_ = skip_harmless(next_, end_);
        return pass_string(next_, 0);
    }
  }

  void start_string() {
    const char* plain_end = skip_plain(next_, end_);
    const char* harmless_end = skip_harmless(plain_end, end_);
    if (harmless_end == end_ || *harmless_end != '"') {
      set_aside_.reset();
      return pass_string(harmless_end, long_text);
    }
    if (plain_end == harmless_end) {
      set_aside_.emplace(next_, static_cast<std::size_t>(plain_end - next_));
    } else {
      unescape(next_, harmless_end, long_string, unescaped_);
      set_aside_ = unescaped_;
    }
    next_ = harmless_end;
    pass_to_opening_quote(harmless_end + 1);
  }

  /// Passes on the text from `next_`, looking from `at`, to the string's end or, after `at_least` bytes, to a place
  /// where bytes may be left out.
  void pass_string(const char* at, std::ptrdiff_t at_least) {
    std::ptrdiff_t run = 0;
    while (at != end_) {
      if (*at == '"') return pass_to_opening_quote(at + 1);
      if (run >= kept_run && at - next_ >= at_least) break;
      if (is_plain(*at)) {
        ++at, ++run;
      } else if (*at == '\\' && end_ - at >= 2) {
        run = is_simple_escape(at, end_) ? run + 2 : 0;
        at += 2;
      } else {
        ++at, run = 0;
      }
    }
    piece_end_ = at;
    following_ = at == end_ ? place::end : place::rest_of_long_string;
  }

  /// `from` is outside strings.
  void pass_to_opening_quote(const char* from) {
    const void* quote = std::memchr(from, '"', static_cast<std::size_t>(end_ - from));
    piece_end_ = quote == nullptr ? end_ : static_cast<const char*>(quote) + 1;
    following_ = quote == nullptr ? place::end : place::string;
  }

  const char* next_;
  const char* piece_end_;
  const char* end_;
  place following_ = place::end;
  std::optional<std::string_view> set_aside_;
  std::string unescaped_;
};

/// What nlohmann takes as input. It copies its iterators, so that they hold nothing but a pointer; no source is the
/// end.
class text_iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  text_iterator() = default;
  explicit text_iterator(condensed_text& source) : source_(&source) {}

  char operator*() const { return source_->front(); }
  text_iterator& operator++() {
    source_->pop_front();
    return *this;
  }
  friend bool operator==(const text_iterator& left, const text_iterator& right) {
    return left.at_end() == right.at_end();
  }

 private:
  bool at_end() const { return source_ == nullptr || source_->exhausted(); }

  condensed_text* source_ = nullptr;
};

/// nlohmann's SAX interface; false stops the reading.
class sax_adapter {
 public:
  sax_adapter(events& handler, const condensed_text& text) : handler_(handler), text_(text) {}

  /// What stopped the reading.
  error_code error() const { return error_; }

  bool null() { return pass(handler_.null()); }
  bool boolean(bool value) { return pass(handler_.boolean(value)); }
  bool number_integer(std::int64_t /*value*/) { return pass(handler_.number()); }
  bool number_unsigned(std::uint64_t /*value*/) { return pass(handler_.number()); }
  bool number_float(double /*value*/, const std::string& /*text*/) { return pass(handler_.number()); }
  bool string(const std::string& value) { return pass(handler_.string(text_.set_aside().value_or(value))); }
  bool key(const std::string& name) { return pass(handler_.key(text_.set_aside().value_or(name))); }
  bool binary(const nlohmann::json::binary_t& /*value*/) { return pass(errc::json_invalid); }
  bool start_object(std::size_t /*size*/) { return open() && pass(handler_.start_object()); }
  bool end_object() { return close(handler_.end_object()); }
  bool start_array(std::size_t /*size*/) { return open() && pass(handler_.start_array()); }
  bool end_array() { return close(handler_.end_array()); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const std::exception& /*what*/) {
    return pass(errc::json_invalid);
  }

 private:
  bool pass(error_code outcome) {
    error_ = outcome;
    return !outcome;
  }
  bool open() { return ++depth_ <= max_depth || pass(errc::json_too_deep); }
  bool close(error_code outcome) {
    --depth_;
    return pass(outcome);
  }

  events& handler_;
  const condensed_text& text_;
  std::size_t depth_ = 0;
  error_code error_;
};

}  // namespace

result<void> read(std::string_view text, events& handler) {
  // nlohmann's lexer takes a NUL between tokens for the end of the input; no JSON text holds one anywhere.
  if (text.empty() || std::memchr(text.data(), 0, text.size()) != nullptr) return errc::json_invalid;
  try {
    condensed_text source(text);
    sax_adapter adapter(handler, source);
    if (nlohmann::json::sax_parse(text_iterator(source), text_iterator(), &adapter)) return {};
    return adapter.error() ? adapter.error() : make_error_code(errc::json_invalid);
  } catch (const std::bad_alloc&) {
    return make_error_code(boost::system::errc::not_enough_memory);
  } catch (...) {  // what could not be read is not known to be JSON
    return errc::json_invalid;
  }
}

}  // namespace sidecar::json
