#include "sidecar/base/json_writer.hpp"

#include <cmath>

#include "sidecar/base/log_format.hpp"
#include "sidecar/base/number_text.hpp"

namespace sidecar::json {

writer& writer::key(std::string_view name) {
  separate();
  document_.append("\"").append(name).append("\":");
  return *this;
}

void writer::value(std::string_view text) { raw(log::json_text(text)); }

void writer::value(double number) {
  // JSON has no NaN and no infinity.
  if (!std::isfinite(number)) return null();
  raw(shortest_text(number));
}

void writer::value(std::chrono::sys_time<std::chrono::milliseconds> time) { value(log::timestamp(time)); }

void writer::value(std::chrono::nanoseconds duration) {
  constexpr double units_a_second = 1e4;  // tenths of a millisecond; one division, so that 15.8388 is written so
  value(std::round(static_cast<double>(duration.count()) / 1e9 * units_a_second) / units_a_second);
}

void writer::raw(std::string_view text) {
  separate();
  document_ += text;
}

void writer::separate() {
  constexpr std::string_view needs_no_comma = "{[:";
  if (!document_.empty() && needs_no_comma.find(document_.back()) == needs_no_comma.npos) document_ += ',';
}

}  // namespace sidecar::json
