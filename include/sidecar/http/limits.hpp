#pragma once

#include <chrono>
#include <cstddef>

namespace sidecar::http {

/// A request head larger than this is answered 431. Nothing a checker sends comes near; it is also what a connection
/// may cost in memory at most.
inline constexpr std::size_t head_bytes = 8 * 1024;

/// What the kernel is asked to keep of what a connection has sent and has not been read, and of what it is sent and has
/// not taken; it takes twice as much. Room for a head, and for many answers. Left alone it would let each grow to
/// megabytes, which count as the container's memory; like this all connections fit its 32 MiB.
inline constexpr int unread_bytes = 8 * 1024;
inline constexpr int untaken_bytes = 4 * 1024;

/// With TLS there may be no more connections than this: one may hold 45 kB of OpenSSL's, a head, and more, and all of
/// them together must fit a container's 32 MiB.
inline constexpr std::size_t tls_connections = 384;

/// What one peer may take from the process. All durations are absolute: they start once and nothing extends them.
struct limits {
  /// Open connections. A node is checked by a handful of load balancers; the rest is room for squatters.
  std::size_t connections = 1'024;
  /// TLS handshakes under way; beyond that the oldest goes, unless some can go on and make room. A load balancer's
  /// takes two round trips. One may hold 70 kB.
  std::size_t handshakes = 64;
  /// From the accept, or from the first byte of a later request, to the end of its head. Ends slow senders.
  std::chrono::milliseconds head{5'000};
  /// Between two requests of a connection. Longer than the 60 s most load balancers keep one, so that they close first.
  std::chrono::milliseconds idle{75'000};
  /// From the moment the peer stops taking an answer to the moment it has taken it.
  std::chrono::milliseconds write{2'000};
  /// After an answer that closes a connection while the peer may still be sending: closing at once would send RST,
  /// which destroys the answer on its way.
  std::chrono::milliseconds linger{1'000};
  /// What such a peer may still send.
  std::size_t linger_bytes = 32 * 1024;
  /// Requests a connection may bring. Long enough never to matter for a check every second (three hours), short enough
  /// that a client behind a balancer spreads out again.
  std::size_t requests = 10'000;
  /// How long nobody must have been turned away before having too many connections is told to be over. Longer than
  /// most checks' interval.
  std::chrono::milliseconds calm{10'000};
  /// How often deadlines are looked at while there are connections: one timer for all of them.
  std::chrono::milliseconds sweep{250};
};

}  // namespace sidecar::http
