#include "sidecar/net/event.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
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
    self->keep(std::make_unique<waiter_of<std::decay_t<Handler>>>(std::forward<Handler>(handler)));
  }
};

/// The events of one io_context that somebody waits for. A waiter owns the coroutine that waits, and that often owns
/// the event: without an owner outside, nothing would ever end the two.
class event::registry final : public asio::execution_context::service {
 public:
  using key_type = registry;
  static inline asio::execution_context::id id{};

  explicit registry(asio::execution_context& owner) : service(owner) {}

  void add(event& one) noexcept {
    one.registry_ = this;
    one.next_ = std::exchange(first_, &one);
    if (one.next_) one.next_->previous_ = &one;
  }

  void remove(event& one) noexcept {
    (one.previous_ ? one.previous_->next_ : first_) = one.next_;
    if (one.next_) one.next_->previous_ = one.previous_;
    one.registry_ = nullptr;
    one.previous_ = one.next_ = nullptr;
  }

 private:
  void shutdown() override {
    while (first_) first_->release();
  }

  event* first_ = nullptr;
};

event::~event() { release(); }

void event::keep(std::unique_ptr<waiter> waiting) {
  auto& context = asio::query(executor_, asio::execution::context);
  asio::use_service<registry>(context).add(*this);
  waiter_ = std::move(waiting);
}

std::unique_ptr<event::waiter> event::release() noexcept {
  if (registry_) registry_->remove(*this);
  return std::move(waiter_);
}

void event::set() {
  if (std::exchange(set_, true) || !waiter_) return;
  asio::post(executor_, [woken = release()] { woken->resume(); });
}

asio::awaitable<void> event::wait() {
  if (set_) co_return;
  start_wait initiation{this};
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(initiation, asio::use_awaitable);
}

}  // namespace sidecar::net
