#include "sidecar/http/handshake_queue.hpp"

#include <algorithm>

namespace sidecar::http {

namespace asio = boost::asio;
using std::chrono::steady_clock;

handshake_queue::handshake_queue(const asio::any_io_executor& executor, const limits& bounds,
                                 connection_table& connections)
    : bounds_(bounds), connections_(connections), timer_(executor) {}

handshake_queue::place::place(handshake_queue& queue, connection& client)
    : queue_(queue), client_(client), admission_(queue.timer_.get_executor()) {
  queue_.waiting_.push_back(this);
  client_.wake_at_end(&admission_);
}

handshake_queue::place::~place() {
  client_.wake_at_end(nullptr);
  queue_.leave(*this);
}

asio::awaitable<bool> handshake_queue::place::wait_for_admission() {
  queue_.admit();
  co_await admission_.wait();  // also set by the connection's end (wake_at_end)
  const auto& stream = client_.stream();
  const bool may_begin = admitted_ && stream.is_open() && !stream.has_expired();
  co_return may_begin;
}

/// Admits waiting connections as far as the limit allows.
void handshake_queue::admit() {
  while (!waiting_.empty()) {
    const auto now = steady_clock::now();
    const auto oldest = under_way_.empty() ? now : under_way_.front().since;
    switch (admit_handshake(under_way_.size(), oldest, now, bounds_)) {
      case admission::begin:
        begin_next();
        break;
      case admission::evict_oldest:
        evict_oldest();
        break;
      case admission::wait:
        return wake_at(oldest + bounds_.handshake);
    }
  }
}

void handshake_queue::begin_next() {
  auto& next = *waiting_.front();
  waiting_.pop_front();
  under_way_.push_back({&next, steady_clock::now()});
  next.admitted_ = true;
  next.admission_.set();
}

void handshake_queue::evict_oldest() {
  auto& oldest = *under_way_.front().owner;
  // Now, not when its coroutine ends: its place is for the one that waits.
  under_way_.erase(under_way_.begin());
  connections_.evict(oldest.client_);
}

void handshake_queue::leave(place& one) {
  waiting_.remove(&one);
  if (std::erase_if(under_way_, [&one](const handshake& each) { return each.owner == &one; }) > 0) admit();
}

void handshake_queue::wake_at(steady_clock::time_point due) {
  timer_.expires_at(due);
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) admit();
  });
}

}  // namespace sidecar::http
