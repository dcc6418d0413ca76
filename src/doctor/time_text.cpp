#include "sidecar/doctor/time_text.hpp"

#include <array>
#include <cstdio>

namespace sidecar::doctor {

std::string time_text(std::chrono::sys_seconds when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

std::string rough_text(std::chrono::seconds duration) {
  using namespace std::chrono_literals;
  const auto size = std::chrono::abs(duration);
  if (size >= 48h) return std::to_string(size / std::chrono::days{1}) + 'd';
  if (size >= 2h) return std::to_string(size / 1h) + 'h';
  if (size >= 2min) return std::to_string(size / 1min) + 'm';
  return std::to_string(size.count()) + 's';
}

}  // namespace sidecar::doctor
