#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The log: lines on standard error. Messages and values may contain foreign bytes: control bytes, invalid UTF-8 and
/// line ends are escaped and long texts cut, here and nowhere else (log_format.hpp has the limits). Logging never
/// throws, blocks or ends the process: a line that standard error does not take at once is lost, and the next line that
/// gets through is preceded by the number of lost ones. Not thread-safe.
namespace sidecar::log {

enum class level { debug = 1, info, warn, error };  ///< numbered as spdlog's
enum class format { text, json };

struct field {
  std::string_view name;
  std::string value;
};

/// The fields of one line, in order. A view, for parameters only.
struct fields : std::span<const field> {
  fields(std::initializer_list<field> list) : span(list.begin(), list.size()) {}
  fields(const std::vector<field>& list) : span(list) {}  // NOLINT(google-explicit-constructor): a parameter's type
};

/// Call before any socket is opened; until then lines are text at level info. The first call of any function here
/// ignores SIGPIPE and, if standard error is closed, opens /dev/null in its place, so that no socket gets its number.
void configure(level threshold, format shape);

bool enabled(level wanted) noexcept;

void write(level severity, std::string_view message, fields extra = {});

inline void debug(std::string_view message, fields extra = {}) {
  if (enabled(level::debug)) write(level::debug, message, extra);
}
inline void info(std::string_view message, fields extra = {}) { write(level::info, message, extra); }
inline void warn(std::string_view message, fields extra = {}) { write(level::warn, message, extra); }
inline void error(std::string_view message, fields extra = {}) { write(level::error, message, extra); }

/// Any bytes as one line of printable text of at most `limit` bytes: control bytes, DEL, quotes, backslashes and
/// invalid UTF-8 become \n, \xNN and the like; so do the code points that end, reorder or hide text (U+2028, U+2029,
/// C1, bidirectional marks, zero-width). A text that was cut ends in "...".
std::string printable(std::string_view text, std::size_t limit = 256);

}  // namespace sidecar::log
