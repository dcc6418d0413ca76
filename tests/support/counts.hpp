#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace sidecar::test {

/// Requests for nodes. They are no part of the other counts, so that a test of pods may count requests whether the
/// sidecar looks at its node or not.
struct node_counts {
  std::uint64_t requests = 0;
  std::uint64_t gets = 0;
  std::uint64_t lists = 0;
  std::uint64_t watch_requests = 0;
  std::uint64_t answers = 0;  ///< written in full
  std::uint64_t watches = 0;
  std::uint64_t watching = 0;
  std::uint64_t events = 0;
};

/// What has happened since the server was made or `forget` was called; `open`, `held` and `watching` are of now.
struct server_counts {
  std::uint64_t accepted = 0;
  std::uint64_t handshakes = 0;  ///< TLS handshakes that both sides finished
  std::uint64_t open = 0;
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;            ///< written in full
  std::uint64_t held = 0;               ///< answers that wait at the gate
  std::uint64_t application_bytes = 0;  ///< HTTP bytes read, also of a request that never ended
  std::uint64_t gets = 0;               ///< requests for one pod, whatever they were answered
  std::uint64_t lists = 0;
  std::uint64_t watch_requests = 0;  ///< refused ones too
  std::uint64_t watches = 0;         ///< those that were opened
  std::uint64_t watching = 0;        ///< open watches
  std::uint64_t events = 0;          ///< written to watches in full, bookmarks and odd lines too
  std::uint64_t bytes_sent = 0;      ///< HTTP bytes
  std::uint64_t wire_sent = 0;       ///< with TLS and its handshakes
  std::uint64_t wire_received = 0;
  node_counts nodes;
};

/// An event that a watch of pods was sent. The clock is CLOCK_MONOTONIC.
struct written_event {
  std::uint64_t watch = 0;  ///< counted from 1, in the order of opening
  std::uint64_t connection = 0;
  std::string type;                               ///< empty for a line made by hand that has none
  std::string resource_version;                   ///< what it says, or empty
  std::chrono::steady_clock::time_point changed;  ///< when the server knew
  std::chrono::steady_clock::time_point written;  ///< right before its first byte went to the kernel
};

/// A tenth of a second in which something happened; requests for nodes are not among it, but their bytes are.
struct traffic {
  std::chrono::steady_clock::time_point begin;
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;
  std::uint64_t gets = 0;
  std::uint64_t watch_requests = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes_sent = 0;
};

/// The newest tenths, in their order.
class traffic_log {
 public:
  static constexpr std::size_t remembered = 72000;  ///< two hours

  traffic& at(std::chrono::steady_clock::time_point now);
  std::vector<traffic> all() const { return {tenths_.begin(), tenths_.end()}; }
  void clear() noexcept { tenths_.clear(); }

 private:
  std::deque<traffic> tenths_;
};

}  // namespace sidecar::test
