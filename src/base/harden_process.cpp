#include "sidecar/base/harden_process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace sidecar {

void harden_process() noexcept {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // With a core pattern that is a pipe (systemd-coredump) the kernel ignores the limit and obeys the flag; core(5).
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace sidecar
