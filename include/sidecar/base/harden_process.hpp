#pragma once

namespace sidecar {

/// Denies other users except root access to the process (its memory, its files in /proc, ptrace) and disables core
/// files, since the token is in its memory. Call before the first secret is read.
void harden_process() noexcept;

}  // namespace sidecar
