#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Logging for an operator at 3 a.m.: one line per change of state, to standard error. Every text may hold foreign
/// bytes: control bytes, invalid UTF-8 and line ends are escaped, and long texts are shortened, here and nowhere else
/// (log_format.hpp has the limits). Never throws, never blocks and never ends the process: a line that standard error
/// does not take at once is lost, and the next line that gets through says how many were. For one thread.
namespace sidecar::log {

enum class level { debug, info, warn, error };
enum class format { text, json };

struct field {
  std::string_view name;
  std::string value;
};

/// The fields of one line, in order; a view, for use as a parameter only.
struct fields : std::span<const field> {
  fields(std::initializer_list<field> list) : span(list.begin(), list.size()) {}
  fields(const std::vector<field>& list) : span(list) {}  // NOLINT(google-explicit-constructor): a parameter's type
};

/// Call before any socket is opened; until then lines go out as text at level info. The first call of anything here
/// ignores SIGPIPE and, if standard error is closed, puts /dev/null there, so that no socket gets its number.
void start(level threshold, format shape);

bool enabled(level wanted) noexcept;

void write(level severity, std::string_view message, fields extra = {});

inline void debug(std::string_view message, fields extra = {}) {
  if (enabled(level::debug)) write(level::debug, message, extra);
}
inline void info(std::string_view message, fields extra = {}) { write(level::info, message, extra); }
inline void warn(std::string_view message, fields extra = {}) { write(level::warn, message, extra); }
inline void error(std::string_view message, fields extra = {}) { write(level::error, message, extra); }

/// Pushes out what is buffered; call before the process ends without unwinding.
void flush() noexcept;

/// One line of printable text made from any bytes, at most `limit` bytes long: control bytes, DEL, quotes,
/// backslashes and whatever is not UTF-8 come out as \n, \xNN and the like; U+2028 and U+2029 too, and what else ends,
/// reorders or hides text (C1, bidirectional marks, zero-width). A text that was cut ends in "...".
std::string printable(std::string_view text, std::size_t limit = 256);

}  // namespace sidecar::log
