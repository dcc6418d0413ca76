#pragma once

namespace sidecar::app {

/// From here on nobody but root may look into the process (its memory, its files, a debugger), and no core file is ever
/// written: the token is in its memory. Call before anything secret is read.
void keep_memory_secret() noexcept;

}  // namespace sidecar::app
