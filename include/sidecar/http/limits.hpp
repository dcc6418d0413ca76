#pragma once

#include <chrono>
#include <cstddef>

namespace sidecar::http {

/// The maximum request head, in bytes; a larger one is answered 431. No health check comes near. It is also the maximum
/// buffer of a connection.
inline constexpr std::size_t head_bytes = 8 * 1024;

/// SO_RCVBUF and SO_SNDBUF of a connection, in bytes (the kernel doubles them): room for a head, and for many answers.
/// By default both may grow to megabytes, which count as the container's memory; with these all connections fit its 32
/// MiB.
inline constexpr int receive_buffer_bytes = 8 * 1024;
inline constexpr int send_buffer_bytes = 4 * 1024;

/// The maximum number of connections with TLS. One may hold 75 kB for TLS and 100 kB more for a client's certificates,
/// and all together must fit a container's 32 MiB.
inline constexpr std::size_t tls_connections = 128;

/// The limits for clients. All durations are absolute: they start once, and nothing extends them.
struct limits {
  /// Open connections. A handful of load balancers check a node; the rest is room for idle clients.
  std::size_t connections = 1'024;
  /// Pending TLS handshakes; further ones wait. One may hold 300 kB.
  std::size_t handshakes = 32;
  /// An older handshake is evicted for a waiting one. A load balancer's takes two round trips.
  std::chrono::milliseconds handshake{1'000};
  /// From the accept, or from the first byte of a later request, to the end of its head. Ends slow senders.
  std::chrono::milliseconds head{5'000};
  /// Between two requests of a connection. Longer than the 60 s most load balancers keep one, so that they close first.
  std::chrono::milliseconds idle{75'000};
  /// In node mode, on the agent port: from the accept to the end of the line that names a workload.
  std::chrono::milliseconds agent_line{650};
  /// How long a client may take to read an answer.
  std::chrono::milliseconds write{2'000};
  /// Lingering close: after the last answer, while the client may still be sending. Closing at once would send RST,
  /// which may destroy the answer.
  std::chrono::milliseconds linger{1'000};
  /// The bytes that such a client may still send.
  std::size_t linger_bytes = 32 * 1024;
  /// Requests per connection: three hours of a check per second, and few enough that clients behind a load balancer
  /// spread out again.
  std::size_t requests = 10'000;
  /// The time without a refused client after which the end of an overload is logged. Longer than the interval of most
  /// checks.
  std::chrono::milliseconds quiet_period{10'000};
  /// The precision of deadlines: one timer serves all of them and expires at most this often.
  std::chrono::milliseconds sweep{250};
};

}  // namespace sidecar::http
