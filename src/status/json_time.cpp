#include "sidecar/status/json_time.hpp"

#include <cmath>

#include "sidecar/base/log_format.hpp"

namespace sidecar::status {

void write_time(json::writer& out, wall_time when) { out.text(log::timestamp(when)); }

void write_time(json::writer& out, std::optional<wall_time> when) { when ? write_time(out, *when) : out.null(); }

void write_seconds(json::writer& out, std::chrono::nanoseconds time) {
  const double milliseconds = std::round(static_cast<double>(time.count()) / 1e6 * 10) / 10;
  out.number(milliseconds / 1e3);
}

}  // namespace sidecar::status
