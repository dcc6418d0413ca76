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

void writer::text(std::string_view value) { raw(log::json_text(value)); }

void writer::number(double value) {
  // JSON has no NaN and no infinity.
  if (!std::isfinite(value)) return null();
  raw(shortest_text(value));
}

void writer::open(char bracket) {
  separate();
  document_ += bracket;
}

void writer::close(char bracket) { document_ += bracket; }

void writer::raw(std::string_view value) {
  separate();
  document_ += value;
}

void writer::separate() {
  constexpr std::string_view needs_no_comma = "{[:";
  if (!document_.empty() && needs_no_comma.find(document_.back()) == needs_no_comma.npos) document_ += ',';
}

}  // namespace sidecar::json
