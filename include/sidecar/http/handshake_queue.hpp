#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <vector>

#include "sidecar/http/connection.hpp"
#include "sidecar/http/connection_table.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/net/one_shot_event.hpp"

namespace sidecar::http {

/// The decision on a client that waits for its TLS handshake.
enum class admission : std::uint8_t {
  begin,
  evict_oldest,  ///< then begin: the oldest handshake has used up its time
  wait,
};

/// PURE. `oldest`: the start of the oldest pending handshake.
constexpr admission admit_handshake(std::size_t under_way, std::chrono::steady_clock::time_point oldest,
                                    std::chrono::steady_clock::time_point now, const limits& bounds) noexcept {
  if (under_way < bounds.handshakes) return admission::begin;
  return now - oldest >= bounds.handshake ? admission::evict_oldest : admission::wait;
}

/// The pending TLS handshakes, and the connections that wait for theirs, first come, first served.
class handshake_queue {
 public:
  handshake_queue(const boost::asio::any_io_executor& executor, const limits& bounds, connection_table& connections);
  handshake_queue(const handshake_queue&) = delete;
  handshake_queue& operator=(const handshake_queue&) = delete;

  /// A connection's place in the queue, then among the handshakes, as long as it lives.
  class place {
   public:
    place(handshake_queue& queue, connection& client);
    ~place();
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    /// False if the connection was closed or its deadline passed before it was admitted.
    boost::asio::awaitable<bool> wait_for_admission();

   private:
    friend handshake_queue;
    handshake_queue& queue_;
    connection& client_;
    net::one_shot_event admission_;
    bool admitted_ = false;
  };

 private:
  struct handshake {
    place* owner;
    std::chrono::steady_clock::time_point since;
  };

  void admit();
  void begin_next();
  void evict_oldest();
  void leave(place& one);
  void wake_at(std::chrono::steady_clock::time_point due);

  const limits& bounds_;
  connection_table& connections_;
  boost::asio::steady_timer timer_;  ///< expires when the oldest handshake has used up its time, while others wait
  std::vector<handshake> under_way_;
  std::list<place*> waiting_;
};

}  // namespace sidecar::http
