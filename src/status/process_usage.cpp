#include "sidecar/status/process_usage.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace sidecar::status {
namespace {

double cpu_seconds() {
  timespec used{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// The directory's own descriptor is one of those it lists.
std::uint64_t open_files() {
  std::error_code failed;
  std::uint64_t listed = 0;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator each("/proc/self/fd", failed); !failed && each != end;
       each.increment(failed))
    ++listed;
  return listed > 0 ? listed - 1 : 0;
}

std::uint64_t max_files() {
  rlimit files{};
  return ::getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 0;
}

/// Field 22 of /proc/self/stat: ticks between the system's start and this process's. The second field, the program's
/// name in parentheses, may contain anything.
double start_ticks() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream rest(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string field;
  for (int number = 3; number <= 22; ++number) rest >> field;
  double ticks = 0;
  std::istringstream(field) >> ticks;
  return ticks;
}

double system_start() {
  std::ifstream file("/proc/stat");
  for (std::string name; file >> name; std::getline(file, name)) {
    double value = 0;
    if (name == "btime" && file >> value) return value;
  }
  return 0;
}

}  // namespace

process_usage read_process_usage() {
  process_usage read{.cpu_seconds = cpu_seconds(), .open_files = open_files(), .max_files = max_files()};
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::ifstream memory("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  if (memory >> all >> resident) {
    read.virtual_bytes = all * page;
    read.resident_bytes = resident * page;
  }
  static const double started = system_start() + start_ticks() / static_cast<double>(::sysconf(_SC_CLK_TCK));
  read.start_time = started;
  return read;
}

}  // namespace sidecar::status
