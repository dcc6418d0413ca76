#pragma once

namespace sidecar::app {

/// Blocks SIGTERM, SIGINT and SIGHUP, so that a signal that arrives before the handlers is not lost: PID 1 has no
/// default action for them. Call first, on the main thread.
void block_signals() noexcept;

/// Delivers pending signals; call after the handlers are installed.
void unblock_signals() noexcept;

}  // namespace sidecar::app
