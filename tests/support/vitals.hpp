#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace sidecar::test {

#ifdef __SANITIZE_ADDRESS__
inline constexpr bool under_sanitizer = true;  // which keeps freed memory, and has system calls of its own
#else
inline constexpr bool under_sanitizer = false;
#endif

#ifdef SIDECAR_EMULATED
inline constexpr bool under_emulator = true;  // qemu, which is slow, and has its own word on standard error
#else
inline constexpr bool under_emulator = false;
#endif

/// What the kernel says of a process. Throws std::runtime_error if it says nothing.
class vitals {
 public:
  explicit vitals(pid_t of);

  /// Nothing for whoever is not root: the sidecar does not show its files.
  std::optional<std::size_t> open_files() const;
  std::size_t anonymous_kilobytes() const { return kilobytes("RssAnon"); }
  std::size_t resident_kilobytes() const { return kilobytes("VmRSS"); }
  /// Resident memory at its peak, files' pages included: since `forget_peak`, for root, or since its start.
  std::size_t peak_kilobytes() const { return kilobytes("VmHWM"); }
  void forget_peak() const;
  /// User and system time, to the nanosecond.
  std::chrono::nanoseconds processor_time() const;
  /// A value of /proc/<number>/status, as it stands there.
  std::string status(const std::string& name) const;

 private:
  std::size_t kilobytes(const std::string& name) const { return std::stoul(status(name)); }

  pid_t of_;
  std::string directory_;
};

/// 0 for a process that has become smaller.
inline std::size_t growth(std::size_t now, std::size_t before) { return now > before ? now - before : 0; }

}  // namespace sidecar::test
