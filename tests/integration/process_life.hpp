#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

/// What /proc tells of a process.
namespace sidecar::test {

/// The values of /proc/<number>/status.
std::map<std::string, std::string> status_of(pid_t number);

/// One of its values in kB: VmRSS, VmHWM, RssAnon.
std::size_t kilobytes(pid_t number, const std::string& value);

/// Processor time so far.
std::chrono::milliseconds processor_time(pid_t number);

/// Open files; nothing for whoever is not root, since the sidecar does not show them.
std::optional<std::size_t> open_files(pid_t number);

}  // namespace sidecar::test
