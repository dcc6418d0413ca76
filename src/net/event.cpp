#include "sidecar/net/event.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace sidecar::net {

namespace asio = boost::asio;

struct event::start_wait {
  event* self;

  template <class Handler>
  void operator()(Handler&& handler) const {
    self->waiter_ = std::forward<Handler>(handler);
    if (self->set_) asio::post(self->executor_, std::exchange(self->waiter_, nullptr));
  }
};

void event::set() {
  if (std::exchange(set_, true)) return;
  if (waiter_) asio::post(executor_, std::exchange(waiter_, nullptr));
}

asio::awaitable<void> event::wait() {
  if (set_) co_return;
  start_wait initiation{this};
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiation, asio::use_awaitable);
}

}  // namespace sidecar::net
