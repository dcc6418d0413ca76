#pragma once

#include <chrono>
#include <optional>

#include "sidecar/base/json_writer.hpp"
#include "sidecar/status/facts.hpp"

namespace sidecar::status {

/// RFC 3339 in UTC, with milliseconds.
void write_time(json::writer& out, wall_time when);
void write_time(json::writer& out, std::optional<wall_time> when);

/// Seconds with fractions.
void write_seconds(json::writer& out, std::chrono::nanoseconds time);

}  // namespace sidecar::status
