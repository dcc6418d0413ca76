#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <utility>

#include "sidecar/kube/node_object_source.hpp"
#include "sidecar/leaving/node_drain.hpp"

namespace sidecar::leaving {

/// PURE. The time from the start of one GET of the node to the next: 9 s at most, so that a change is known within 10 s
/// while the API server answers; a minute where it is denied. `random`: from 0 to below 1.
std::chrono::nanoseconds time_to_next_read(const kube::node_read& last, double random);

/// Reads the node by a GET now and then, where there is no watch. The constructor's references outlive it, and it
/// outlives its coroutine, except one that is destroyed with the io_context.
class node_poll {
 public:
  node_poll(const boost::asio::any_io_executor& executor, kube::node_object_source& nodes, node_drain& drain,
            std::function<double()> random)
      : timer_(executor), nodes_(nodes), drain_(drain), random_(std::move(random)) {}

  /// Reads until the end of the process, while it is not paused. Spawn once.
  boost::asio::awaitable<void> run();

  void pause() noexcept { is_paused_ = true; }
  /// Reads at once.
  void resume();
  /// Reads at once, unless paused: the target is on another node.
  void read_now() { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
  kube::node_object_source& nodes_;
  node_drain& drain_;
  std::function<double()> random_;
  bool is_paused_ = true;
};

}  // namespace sidecar::leaving
