#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sidecar/base/log.hpp"

/// PURE. The format of a log line; log.cpp writes it.
namespace sidecar::log {

/// In bytes, without the line end. With it, a pipe takes the line whole or not at all (PIPE_BUF).
inline constexpr std::size_t max_line = 4'095;
inline constexpr std::size_t max_message = 1'024;
inline constexpr std::size_t max_field = 512;

/// One line without its line end:
///   text  2026-11-22T05:43:11.123Z info  message key=value key="two words"
///   json  {"time":"2026-11-22T05:43:11.123Z","level":"info","message":"message","key":"value"}
/// A text over its limit ends in "..."; fields that do not fit are left out, and the field `truncated` says so. A field
/// named time, level, message or truncated gets a trailing underscore: collectors take these for the line's own.
std::string format_line(std::chrono::system_clock::time_point when, level severity, std::string_view message,
                        fields extra, format shape);

/// RFC 3339 in UTC, with milliseconds: 2026-11-22T05:43:11.123Z.
std::string timestamp(std::chrono::sys_time<std::chrono::milliseconds> when);

/// Any bytes as one line of printable text, like `printable`, but quotes and backslashes stay as they are.
std::string message_text(std::string_view text);

/// Any bytes as a JSON string with its quotes, of at most `max_message` bytes between them.
std::string json_text(std::string_view text);

}  // namespace sidecar::log
