#include "sidecar/app/secrecy.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace sidecar::app {

void keep_memory_secret() noexcept {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // A core pattern that is a pipe (systemd-coredump) does not ask for the limit, but for the flag above.
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace sidecar::app
