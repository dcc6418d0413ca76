#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <stdexcept>

namespace sidecar::test {

/// While this lives, the process can open so many files more, and then no other: as when all descriptors are in use.
class few_files {
 public:
  explicit few_files(rlim_t more = 0) {
    const int lowest_free = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (lowest_free < 0 || ::getrlimit(RLIMIT_NOFILE, &before_) != 0) throw std::runtime_error{"no file to begin with"};
    ::close(lowest_free);
    const rlimit few{static_cast<rlim_t>(lowest_free) + more, before_.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &few) != 0) throw std::runtime_error{"no limit for files"};
  }
  ~few_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  few_files(const few_files&) = delete;
  few_files& operator=(const few_files&) = delete;

 private:
  rlimit before_{};
};

}  // namespace sidecar::test
