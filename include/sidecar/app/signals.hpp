#pragma once

namespace sidecar::app {

/// Keeps SIGTERM, SIGINT and SIGHUP waiting, so that one that comes before there is a handler is not lost: as PID 1 a
/// process has no default action for them. Call first thing, on the main thread.
void block_signals() noexcept;

/// Delivers what has waited; call once the handlers are there.
void unblock_signals() noexcept;

}  // namespace sidecar::app
