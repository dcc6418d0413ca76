#pragma once

#include <cstdint>

namespace sidecar::status {

/// What every Prometheus client library has of its process; 0 where the system does not say.
struct process_usage {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0;
  double start_time = 0;  ///< seconds since the epoch
};

/// Of this process, from /proc (proc(5)) and the process's own clock.
process_usage read_process_usage();

}  // namespace sidecar::status
