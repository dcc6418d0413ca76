#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sidecar/base/log.hpp"

/// How a log line looks, apart from when and where it is written: pure, so that tests need no standard error.
namespace sidecar::log {

/// Longest line without its line end; with it, a write that a pipe takes whole (PIPE_BUF).
inline constexpr std::size_t max_line = 4'095;
inline constexpr std::size_t max_message = 1'024;
inline constexpr std::size_t max_field = 512;

/// One line without its line end, at most `max_line` bytes:
///   text  2026-11-22T05:43:11.123Z info  message key=value key="two words"
///   json  {"time":"2026-11-22T05:43:11.123Z","level":"info","message":"message","key":"value"}
/// A text longer than its limit ends in "..."; fields that no longer fit are left out, and "truncated" says so. A field
/// called time, level, message or truncated gets a trailing underscore, as collectors read those names from us alone.
std::string format_line(std::chrono::system_clock::time_point when, level severity, std::string_view message,
                        fields extra, format shape);

}  // namespace sidecar::log
