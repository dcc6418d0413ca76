#include "sidecar/base/out_of_memory.hpp"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <new>
#include <string_view>

namespace sidecar {
namespace {

constexpr std::string_view line =
    "http-healthcheck-sidecar: out of memory; aborting, so that Kubernetes restarts the container: raise its memory "
    "limit\n";

}  // namespace

// The log would allocate. And write(2) alone could wait for a reader that stalls.
void abort_out_of_memory() noexcept {
  pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&standard_error, 1, 0) == 1) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  }
  std::abort();
}

void abort_when_out_of_memory() noexcept { std::set_new_handler(&abort_out_of_memory); }

}  // namespace sidecar
