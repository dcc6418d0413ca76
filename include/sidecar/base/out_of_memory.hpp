#pragma once

namespace sidecar {

/// Installs a std::new_handler: when `operator new` finds no memory, the process writes one line to standard error and
/// aborts (SIGABRT). Kubernetes restarts the container within milliseconds, which is safer than to continue a
/// half-finished operation. The line is lost if standard error does not take it at once. Call first in main.
void abort_when_out_of_memory() noexcept;

/// The same for a C library that found no memory.
[[noreturn]] void abort_out_of_memory() noexcept;

}  // namespace sidecar
