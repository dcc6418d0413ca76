#include "sidecar/net/one_shot_event.hpp"

#include "sidecar/net/coro.hpp"

namespace sidecar::net {

boost::asio::awaitable<void> one_shot_event::wait() {
  if (!set_) co_await timer_.async_wait(use_result);
}

}  // namespace sidecar::net
