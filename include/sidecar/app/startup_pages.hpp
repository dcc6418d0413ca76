#pragma once

namespace sidecar::app {

/// Tells the kernel to unmap the program's code and constants: what a start or a TLS handshake needed counts as the
/// process's memory for ever after, and is not needed again for minutes. What is in use comes back from the page cache
/// as it is used, some dozens of page faults in all. Does nothing to what may be written to.
void forget_startup_pages() noexcept;

}  // namespace sidecar::app
