#include "sidecar/app/query_waiters.hpp"

#include <algorithm>
#include <utility>

namespace sidecar::app {

namespace asio = boost::asio;

/// A waiter's place in the list while its coroutine waits, also if the coroutine is destroyed with the io_context,
/// after everything else.
class query_waiters::entry {
 public:
  entry(std::shared_ptr<std::list<waiter*>> all, waiter& one, batch& joined)
      : all_(std::move(all)), place_(all_->insert(all_->end(), &one)), joined_(joined) {
    ++joined_.waiting;
  }
  ~entry() {
    --joined_.waiting;
    all_->erase(place_);
  }
  entry(const entry&) = delete;
  entry& operator=(const entry&) = delete;

 private:
  std::shared_ptr<std::list<waiter*>> all_;
  std::list<waiter*>::iterator place_;
  batch& joined_;
};

asio::awaitable<void> query_waiters::wait(batch_ptr joined, time_point deadline, std::string_view container) {
  if (joined->outcome) co_return;
  waiter one{joined.get(), deadline, container, net::one_shot_event{executor_}};
  const entry listed(waiting_, one, *joined);
  arm(deadline);
  co_await one.event.wait();
}

void query_waiters::wake(const batch& ended) {
  for (auto* one : *waiting_) {
    if (one->joined == &ended) one->event.set();
  }
}

void query_waiters::wake_all() {
  for (auto* one : *waiting_) one->event.set();
}

std::vector<std::string_view> query_waiters::containers(const batch& joined) const {
  std::vector<std::string_view> named;
  for (const auto* one : *waiting_) {
    if (one->joined == &joined && !one->container.empty()) named.push_back(one->container);
  }
  return named;
}

void query_waiters::arm(time_point deadline) {
  if (armed_ && *armed_ <= deadline) return;
  armed_ = deadline;
  timer_.expires_after(std::max(deadline - boottime_clock::now(), boottime_clock::duration::zero()));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) expire();
  });
}

void query_waiters::expire() {
  armed_.reset();
  const auto now = boottime_clock::now();
  std::optional<time_point> next;
  for (auto* one : *waiting_) {
    if (one->event.is_set()) continue;
    if (one->deadline <= now) {
      one->event.set();
    } else {
      next = std::min(next.value_or(one->deadline), one->deadline);
    }
  }
  if (next) arm(*next);
}

}  // namespace sidecar::app
