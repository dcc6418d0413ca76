#include "sidecar/net/coroutine_mutex.hpp"

#include <deque>

#include "sidecar/net/one_shot_event.hpp"

namespace sidecar::net {

struct coroutine_mutex::state {
  bool is_taken = false;
  std::deque<std::shared_ptr<one_shot_event>> waiting{};
};

coroutine_mutex::coroutine_mutex(boost::asio::any_io_executor executor)
    : executor_(std::move(executor)), shared_(std::make_shared<state>()) {}

boost::asio::awaitable<coroutine_mutex::lock> coroutine_mutex::acquire() {
  const auto shared = shared_;
  if (std::exchange(shared->is_taken, true)) {
    const auto mine = shared->waiting.emplace_back(std::make_shared<one_shot_event>(executor_));
    co_await mine->wait();
  }
  co_return lock{shared};
}

coroutine_mutex::lock::~lock() {
  if (!shared_) return;
  if (shared_->waiting.empty()) {
    shared_->is_taken = false;
    return;
  }
  shared_->waiting.front()->set();  // the mutex passes to that coroutine
  shared_->waiting.pop_front();
}

}  // namespace sidecar::net
