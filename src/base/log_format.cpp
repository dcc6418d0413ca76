#include "sidecar/base/log_format.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace sidecar::log {
namespace {

enum class notation {
  quoted,   // between quotes in a text line
  message,  // the message of a text line: quotes and backslashes stay, so that escaped text is not escaped again
  json,     // between quotes in a JSON line; what is not UTF-8 becomes U+FFFD
};

// One code point of UTF-8, or one byte that is part of none.
struct piece {
  std::string_view bytes;
  std::optional<char32_t> code_point;
};

bool is_continuation(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::size_t sequence_length(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

bool is_scalar(char32_t value, std::size_t length) noexcept {
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  return value >= smallest[length] && value <= 0x10FFFF && !surrogate;
}

// `text` is not empty.
piece first_piece(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const piece stray{text.substr(0, 1), std::nullopt};
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > text.size()) return stray;
  if (length == 1) return {text.substr(0, 1), lead};
  char32_t value = lead & (0x7FU >> length);
  for (const char byte : text.substr(1, length - 1)) {
    if (!is_continuation(byte)) return stray;
    value = (value << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  if (!is_scalar(value, length)) return stray;
  return {text.substr(0, length), value};
}

// What can move a terminal's cursor, end a line, or reorder or hide the text around it.
bool is_unprintable(char32_t value) noexcept {
  const auto within = [value](char32_t first, char32_t last) { return value >= first && value <= last; };
  return value < 0x20 || within(0x7F, 0x9F) || value == 0x61C || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
         within(0x2066, 0x2069) || value == 0xFEFF;
}

std::string hex(std::string_view prefix, unsigned value, int digits) {
  std::string out{prefix};
  while (digits-- > 0) out += "0123456789abcdef"[(value >> (4U * static_cast<unsigned>(digits))) & 0xFU];
  return out;
}
std::string byte_escape(unsigned value) { return hex("\\x", value, 2); }
std::string unicode_escape(unsigned value) { return hex("\\u", value, 4); }

std::string escaped(const piece& next, notation style) {
  if (!next.code_point) {
    const auto byte = static_cast<unsigned char>(next.bytes.front());
    return style == notation::json ? "\\ufffd" : byte_escape(byte);
  }
  const char32_t value = *next.code_point;
  if (value == U'\n') return "\\n";
  if (value == U'\r') return "\\r";
  if (value == U'\t') return "\\t";
  if (is_unprintable(value)) {
    const bool short_form = value < 0x80 && style != notation::json;
    return short_form ? byte_escape(value) : unicode_escape(value);
  }
  if ((value == U'"' || value == U'\\') && style != notation::message) return "\\" + std::string{next.bytes};
  return std::string{next.bytes};
}

// Stops between two pieces, never inside an escape or a code point. Work is bounded by `limit`, not by the text.
std::string escape(std::string_view text, std::size_t limit, notation style) {
  constexpr std::string_view ellipsis = "...";
  std::string out;
  std::size_t room_for_ellipsis = 0;
  while (!text.empty()) {
    const piece next = first_piece(text);
    const std::string shown = escaped(next, style);
    if (out.size() + shown.size() > limit) {
      out.resize(room_for_ellipsis);
      return out.append(ellipsis.substr(0, std::min(ellipsis.size(), limit)));
    }
    out += shown;
    if (out.size() + ellipsis.size() <= limit) room_for_ellipsis = out.size();
    text.remove_prefix(next.bytes.size());
  }
  return out;
}

std::string quoted(std::string_view text, std::size_t limit, notation style) {
  return '"' + escape(text, limit, style) + '"';
}

bool needs_no_quotes(std::string_view text) noexcept {
  return !text.empty() && text.size() <= max_field &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '=' && c != '\\'; });
}

std::string text_value(std::string_view value) {
  return needs_no_quotes(value) ? std::string{value} : quoted(value, max_field, notation::quoted);
}

std::string field_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  std::string out{name.empty() ? "_" : name.substr(0, longest)};
  for (char& c : out) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!plain) c = '_';
  }
  const bool taken = out == "time" || out == "level" || out == "message" || out == "truncated";
  return taken ? out + '_' : out;
}

std::string rendered(const field& one, format shape) {
  const std::string name = field_name(one.name);
  if (shape == format::text) return ' ' + name + '=' + text_value(one.value);
  return ",\"" + name + "\":" + quoted(one.value, max_field, notation::json);
}

std::string_view level_name(level severity) noexcept {
  switch (severity) {
    case level::debug:
      return "debug";
    case level::info:
      return "info";
    case level::warn:
      return "warn";
    case level::error:
      return "error";
  }
  return "error";
}

std::string timestamp(std::chrono::system_clock::time_point when) {
  using namespace std::chrono;
  const auto day = floor<days>(when);
  const year_month_day date{day};
  const hh_mm_ss time{floor<milliseconds>(when) - day};
  std::array<char, 80> buffer{};
  const int length =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                    static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string line_start(std::chrono::system_clock::time_point when, level severity, std::string_view message,
                       format shape) {
  const std::string name{level_name(severity)};
  if (shape == format::json) {
    return "{\"time\":\"" + timestamp(when) + "\",\"level\":\"" + name +
           "\",\"message\":" + quoted(message, max_message, notation::json);
  }
  const std::string padding(6 - name.size(), ' ');
  return timestamp(when) + ' ' + name + padding + escape(message, max_message, notation::message);
}

}  // namespace

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

std::string printable(std::string_view text, std::size_t limit) { return escape(text, limit, notation::quoted); }

}  // namespace sidecar::log
