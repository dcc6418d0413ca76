#include "sidecar/base/log_format.hpp"

#include <algorithm>
#include <array>
#include <boost/locale/utf.hpp>
#include <cstdio>
#include <ctime>
#include <optional>

#include "sidecar/base/ascii.hpp"

namespace sidecar::log {
namespace {

enum class notation {
  quoted,   ///< between quotes in a text line
  message,  ///< the message of a text line: quotes and backslashes stay, since the message may contain escaped text
  json,     ///< between quotes in a JSON line; invalid UTF-8 becomes U+FFFD
};

/// One code point of UTF-8, or one byte that belongs to none.
struct piece {
  std::string_view bytes;
  std::optional<char32_t> code_point;
};

// `text` is not empty.
piece first_piece(std::string_view text) noexcept {
  const char* end = text.data();
  const auto value = boost::locale::utf::utf_traits<char>::decode(end, text.data() + text.size());
  if (!boost::locale::utf::is_valid_codepoint(value)) return {text.substr(0, 1), std::nullopt};
  return {{text.data(), end}, value};
}

/// Moves a terminal's cursor, ends a line, or reorders or hides the text around it.
bool is_unprintable(char32_t value) noexcept {
  const auto within = [value](char32_t first, char32_t last) { return value >= first && value <= last; };
  return value < 0x20 || within(0x7F, 0x9F) || value == 0x61C || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
         within(0x2066, 0x2069) || value == 0xFEFF;
}

std::string hex_escape(unsigned value, bool is_short) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), is_short ? "\\x%02x" : "\\u%04x", value);
  return text.data();
}

std::string escaped(const piece& next, notation style) {
  if (!next.code_point) {
    return style == notation::json ? "\\ufffd" : hex_escape(static_cast<unsigned char>(next.bytes.front()), true);
  }
  const char32_t value = *next.code_point;
  if (value == U'\n') return "\\n";
  if (value == U'\r') return "\\r";
  if (value == U'\t') return "\\t";
  if (is_unprintable(value)) {
    return hex_escape(value, value < 0x80 && style != notation::json);
  }
  const bool is_escaped = (value == U'"' || value == U'\\') && style != notation::message;
  return std::string{is_escaped ? "\\" : ""}.append(next.bytes);
}

// Cuts between two pieces, never inside an escape or a code point. Costs grow with `limit`, not with the text.
std::string escape(std::string_view text, std::size_t limit, notation style) {
  constexpr std::string_view ellipsis = "...";
  std::string out;
  std::size_t cut = 0;  // where the ellipsis would still fit
  while (!text.empty()) {
    const piece next = first_piece(text);
    const std::string shown = escaped(next, style);
    if (out.size() + shown.size() > limit) {
      out.resize(cut);
      return out.append(ellipsis.substr(0, limit));
    }
    out += shown;
    if (out.size() + ellipsis.size() <= limit) cut = out.size();
    text.remove_prefix(next.bytes.size());
  }
  return out;
}

std::string quoted(std::string_view text, std::size_t limit, notation style) {
  return '"' + escape(text, limit, style) + '"';
}

std::string text_value(std::string_view value) {
  const auto is_plain = [](char c) { return is_visible(c) && c != '"' && c != '=' && c != '\\'; };
  const bool needs_quotes = value.empty() || value.size() > max_field || !std::ranges::all_of(value, is_plain);
  return needs_quotes ? quoted(value, max_field, notation::quoted) : std::string{value};
}

std::string field_name(std::string_view name) {
  constexpr std::size_t max_name = 64;
  std::string out{name.empty() ? "_" : name.substr(0, max_name)};
  for (char& c : out) {
    const bool is_plain = is_alphanumeric(c) || c == '.' || c == '-';
    if (!is_plain) c = '_';
  }
  const bool is_reserved = out == "time" || out == "level" || out == "message" || out == "truncated";
  return is_reserved ? out + '_' : out;
}

std::string rendered(const field& one, format shape) {
  const std::string name = field_name(one.name);
  if (shape == format::text) return ' ' + name + '=' + text_value(one.value);
  return ",\"" + name + "\":" + quoted(one.value, max_field, notation::json);
}

std::string level_name(level severity) {
  constexpr std::array names{"debug", "info", "warn", "error"};
  return names[static_cast<std::size_t>(severity) - static_cast<std::size_t>(level::debug)];
}

std::string line_start(std::chrono::system_clock::time_point when, level severity, std::string_view message,
                       format shape) {
  const std::string name = level_name(severity);
  if (shape == format::json) {
    return "{\"time\":\"" + timestamp(std::chrono::floor<std::chrono::milliseconds>(when)) + "\",\"level\":\"" + name +
           "\",\"message\":" + quoted(message, max_message, notation::json);
  }
  const std::string padding(6 - name.size(), ' ');
  return timestamp(std::chrono::floor<std::chrono::milliseconds>(when)) + ' ' + name + padding +
         escape(message, max_message, notation::message);
}

}  // namespace

std::string timestamp(std::chrono::sys_time<std::chrono::milliseconds> when) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(when);
  const std::time_t time = system_clock::to_time_t(whole);
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  const auto length = std::strftime(text.data(), text.size(), "%FT%T", &utc);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>((when - whole).count()));
  return text.data();
}

std::string format_line(std::chrono::system_clock::time_point when, level severity, std::string_view message,
                        fields extra, format shape) {
  const std::string_view cut = shape == format::json ? ",\"truncated\":true" : " truncated=true";
  const std::string_view end = shape == format::json ? "}" : "";
  std::string line = line_start(when, severity, message, shape);
  for (const field& one : extra) {
    const std::string next = rendered(one, shape);
    if (line.size() + next.size() + cut.size() + end.size() > max_line) {
      line += cut;
      break;
    }
    line += next;
  }
  return line.append(end);
}

std::string message_text(std::string_view text) { return escape(text, max_message, notation::message); }

std::string json_text(std::string_view text) { return quoted(text, max_message, notation::json); }

std::string printable(std::string_view text, std::size_t limit) { return escape(text, limit, notation::quoted); }

}  // namespace sidecar::log
