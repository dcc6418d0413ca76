#include "sidecar/net/deadline.hpp"

#include <utility>

namespace sidecar::net {

void deadline::state::pass() {
  if (std::exchange(has_passed, true)) return;
  if (const auto now = abort) now();  // a copy, since `abort` may destroy its guard
}

deadline::deadline(const boost::asio::any_io_executor& executor)
    : length_(std::chrono::nanoseconds::max()), timer_(executor), state_(std::make_shared<state>()) {}

deadline::deadline(const boost::asio::any_io_executor& executor, std::chrono::nanoseconds limit) : deadline(executor) {
  length_ = limit;
  timer_.expires_after(std::chrono::duration_cast<boost::asio::steady_timer::duration>(limit));
  timer_.async_wait([weak = std::weak_ptr(state_)](boost::system::error_code cancelled) {
    const auto mine = weak.lock();
    if (!cancelled && mine) mine->pass();
  });
}

deadline::~deadline() = default;

void deadline::expire() {
  timer_.cancel();
  state_->pass();
}

deadline::guard::guard(const deadline& limit, std::function<void()> abort) : limit_(limit) {
  limit_.state_->abort = std::move(abort);
  if (limit_.has_passed()) limit_.state_->abort();
}

deadline::guard::~guard() { limit_.state_->abort = nullptr; }

}  // namespace sidecar::net
