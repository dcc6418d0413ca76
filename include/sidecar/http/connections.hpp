#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "sidecar/http/episode.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/net/peer_reactor.hpp"
#include "sidecar/net/peer_socket.hpp"

namespace sidecar::http {

class connections;

/// What a connection is waiting for.
enum class phase : std::uint8_t {
  silent,        ///< the first byte of the first request
  securing,      ///< the rest of a TLS handshake
  reading_head,  ///< the rest of a request
  idle,          ///< the first byte of another request
  answering,     ///< the answer; bounded by whoever gives it
  writing,       ///< the peer, to take the answer
  lingering,     ///< the peer, to close after an answer it may not have read yet
};

/// A socket and its deadline, listed with the registry for as long as it lives. Setting a deadline costs a clock
/// reading; nothing is armed.
class connection : public boost::intrusive::list_base_hook<> {
 public:
  connection(net::peer_socket&& socket, connections& registry);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  net::peer_socket& socket() noexcept { return socket_; }
  phase doing() const noexcept { return phase_; }

  /// Starts waiting for something else, no longer than `at_most`.
  void enter(phase next, std::chrono::milliseconds at_most) noexcept;
  /// Starts waiting for something that bounds itself.
  void enter(phase next) noexcept;
  /// Starts waiting for something else, no longer than for what came before it.
  void go_on_to(phase next) noexcept { phase_ = next; }

  /// Of phase::securing: whether it waits for the peer to send something, and not to take something.
  void await_reply(bool does) noexcept { awaits_reply_ = does; }

  std::size_t answers() const noexcept { return answers_; }
  void count_answer() noexcept { ++answers_; }

  /// The deadline passed; whoever waits for the socket has been woken.
  bool expired() const noexcept { return expired_; }

 private:
  friend connections;

  net::peer_socket socket_;
  connections* registry_;  ///< null once the registry has let go
  std::chrono::steady_clock::time_point since_;
  std::chrono::steady_clock::time_point deadline_;
  std::size_t answers_ = 0;
  phase phase_ = phase::silent;
  bool expired_ = false;
  bool awaits_reply_ = false;
};

/// All open connections: their number, their deadlines, and who goes when there are too many. The sessions own them.
///
/// One timer sweeps all deadlines, and only while there are connections: a timer of its own, armed anew for every
/// request, would cost each request a system call. Destroy it before the reactor; connections that outlive it are
/// closed.
class connections {
 public:
  connections(net::peer_reactor& reactor, const limits& bounds);
  ~connections();
  connections(const connections&) = delete;
  connections& operator=(const connections&) = delete;

  std::size_t count() const noexcept { return count_; }
  bool is_full() const noexcept { return count_ >= cap_; }

  /// True if one more connection may come. At the cap the one that is missed least is closed for it: one that has its
  /// answer or does not take it, else the longest idle, else the one longest at its head, else the one that had most
  /// answers and waits for another. None goes that waits for its first.
  bool make_room();

  /// True if there is no room for one more handshake, but may be soon: peers have sent something for theirs that has
  /// not been read. Those handshakes have been queued for their turns.
  bool handshakes_go_on();

  /// Closes the longest-open connections that are in a handshake until there is room for one more handshake: each
  /// holds several times the memory of another connection.
  void make_room_for_handshake();

  /// Closes those that have nothing to be answered: between two requests, or before the first.
  void close_idle();

  /// Waits until there is no connection, `at_most` so long; true if there is none. One caller at a time.
  boost::asio::awaitable<bool> wait_until_empty(std::chrono::milliseconds at_most);

 private:
  friend connection;

  void add(connection& one);
  void remove(connection& one) noexcept;
  connection* least_missed();
  void close(connection& one);
  std::size_t handshakes_under_way() const;
  void tick();
  void look();
  void sweep(std::chrono::steady_clock::time_point now);

  net::peer_reactor& reactor_;
  boost::asio::steady_timer tick_;
  boost::asio::steady_timer emptied_;  ///< never fires by itself while it is used as a condition
  std::chrono::milliseconds sweep_every_;
  std::size_t cap_;
  std::size_t handshakes_;
  std::size_t count_ = 0;
  bool ticking_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  episode crowded_;  ///< somebody who asks was turned away for the cap
  boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>> open_;
};

}  // namespace sidecar::http
