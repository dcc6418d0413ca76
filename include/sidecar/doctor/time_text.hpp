#pragma once

#include <chrono>
#include <string>

/// PURE. Times as the doctor writes them.
namespace sidecar::doctor {

/// "2026-11-29 14:05:00 UTC"
std::string time_text(std::chrono::sys_seconds when);

/// "59m", "3h", "364d"; of a negative one the size.
std::string rough_text(std::chrono::seconds duration);

}  // namespace sidecar::doctor
