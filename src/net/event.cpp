#include "sidecar/net/event.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

namespace sidecar::net {

namespace asio = boost::asio;

template <class Handler>
struct event::waiter_of final : event::waiter {
  explicit waiter_of(Handler&& to_resume) : handler(std::move(to_resume)) {}
  void resume() override { std::move(handler)(); }

  Handler handler;
};

struct event::start_wait {
  event* self;

  template <class Handler>
  void operator()(Handler&& handler) const {
    self->waiter_ = std::make_unique<waiter_of<std::decay_t<Handler>>>(std::forward<Handler>(handler));
  }
};

void event::set() {
  if (std::exchange(set_, true) || !waiter_) return;
  asio::post(executor_, [woken = std::move(waiter_)] { woken->resume(); });
}

asio::awaitable<void> event::wait() {
  if (set_) co_return;
  start_wait initiation{this};
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiation, asio::use_awaitable);
}

}  // namespace sidecar::net
