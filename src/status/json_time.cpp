#include "sidecar/status/json_time.hpp"

#include <cmath>

#include "sidecar/base/log_format.hpp"

namespace sidecar::status {

void write_time(json::writer& out, wall_time when) { out.text(log::timestamp(when)); }

void write_time(json::writer& out, std::optional<wall_time> when) { when ? write_time(out, *when) : out.null(); }

void write_seconds(json::writer& out, std::chrono::nanoseconds time) {
  constexpr double units_a_second = 1e4;  // tenths of a millisecond; one division, so that 15.8388 is written so
  out.number(std::round(static_cast<double>(time.count()) / 1e9 * units_a_second) / units_a_second);
}

}  // namespace sidecar::status
