#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace sidecar::test {

#ifdef __SANITIZE_ADDRESS__
constexpr bool memory_can_be_measured = false;  // freed memory stays with the sanitizer
#else
constexpr bool memory_can_be_measured = true;
#endif

/// What the kernel says that a process consumes. Throws std::runtime_error if it says nothing.
class vitals {
 public:
  explicit vitals(pid_t of);

  std::size_t open_files() const;
  std::size_t anonymous_kilobytes() const { return kilobytes("RssAnon:"); }
  /// Resident memory at its peak since `forget_peak`, files' pages included.
  std::size_t peak_kilobytes() const { return kilobytes("VmHWM:"); }
  std::size_t resident_kilobytes() const { return kilobytes("VmRSS:"); }
  void forget_peak() const;
  /// User and system time, to the nanosecond.
  std::chrono::nanoseconds processor_time() const;

 private:
  std::size_t kilobytes(const std::string& field) const;

  pid_t of_;
  std::string directory_;
};

}  // namespace sidecar::test
