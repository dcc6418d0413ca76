#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sidecar::net {

/// Whoever waits for a socket: a session, a listening socket. It is owned by what it waits in.
class turn_taker {
 public:
  virtual ~turn_taker() = default;

  /// What it waited for is there, or its time is up, or its socket was closed: it has to look. `self` owns it; it goes
  /// on by handing that on, and ends by letting go of it. What it throws leaves the io_context.
  virtual void take_turn(std::unique_ptr<turn_taker> self) = 0;

 private:
  friend class peer_reactor;
  std::unique_ptr<turn_taker> next_;  ///< in the queue
};

/// Waits for the sockets of all peers at once, with an epoll set of its own that Asio watches as one descriptor. Asio
/// itself spends a receive that brings nothing, or an epoll_ctl, on nearly every wait; this one nothing but its share
/// of an epoll_wait (epoll(7), level-triggered).
///
/// One thread, the executor's. Without memory some calls throw and leave nothing undone that `start` cannot make good.
/// Destroy it after its sockets, and before the io_context.
class peer_reactor {
 public:
  enum class until : std::uint8_t { readable, writable };

  /// Whose turn it is when Asio has something to do as well as a peer.
  enum class turns : std::uint8_t {
    at_once,
    after_others,  ///< Asio looks once more first, which costs an epoll_wait; what it finds is done before
  };

  /// Errors: boost::system::system_error, the system's.
  explicit peer_reactor(const boost::asio::any_io_executor& executor, turns when = turns::at_once);
  ~peer_reactor();
  peer_reactor(const peer_reactor&) = delete;
  peer_reactor& operator=(const peer_reactor&) = delete;

  /// `who` gets a turn once `descriptor` is as wanted; one waits for a descriptor at a time. Throws
  /// boost::system::system_error or std::bad_alloc, and `who` is gone then.
  void wait(int descriptor, until wanted, std::unique_ptr<turn_taker> who);

  /// `who` gets a turn after those that may take one now.
  void queue(std::unique_ptr<turn_taker> who) noexcept;

  /// Whoever waits for `descriptor` gets a turn soon.
  void wake(int descriptor) noexcept;

  /// The same; call it before `descriptor` is closed, or else its successor would inherit its wait.
  void forget(int descriptor) noexcept;

  /// True while many have something to do: who comes next is likely to be here already, and it pays to look.
  bool is_busy() const noexcept { return busy_ > 0 || queued_ > 0; }

  /// Goes on after whatever was thrown, here or elsewhere; does nothing otherwise.
  void start();

  boost::asio::any_io_executor get_executor() { return set_.get_executor(); }

 private:
  struct place {
    std::unique_ptr<turn_taker> who;
    std::uint32_t registered = 0;  ///< events that epoll looks for; 0: it does not know the descriptor
  };

  void listen_for(int descriptor, std::uint32_t events);
  void unlist(int descriptor) noexcept;
  void arm();
  void found_ready();
  void schedule();
  void start_if_possible() noexcept;
  void run();
  int take_queued();
  int take_ready();
  void ready(int descriptor);

  boost::asio::posix::stream_descriptor set_;
  turns when_;
  std::vector<place> places_;  ///< by descriptor
  std::unique_ptr<turn_taker> first_;
  turn_taker* last_ = nullptr;
  std::size_t queued_ = 0;
  std::size_t registered_ = 0;
  bool armed_ = false;      ///< Asio watches the set
  bool scheduled_ = false;  ///< `run` is on its way
  bool running_ = false;
  int busy_ = 0;                          ///< for so many more looks
  std::shared_ptr<peer_reactor*> alive_;  ///< what Asio is given knows by it whether this is still there
};

}  // namespace sidecar::net
