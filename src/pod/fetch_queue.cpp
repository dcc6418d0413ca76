#include "sidecar/pod/fetch_queue.hpp"

namespace sidecar::pod {

batch_ptr fetch_queue::join(bool is_query) {
  if (!open_) open_ = std::make_shared<batch>();
  open_->has_query |= is_query;
  return open_;
}

batch_ptr fetch_queue::start(time_point now) {
  if (is_fetching_ || is_paused_ || !open_ || is_refused(now)) return nullptr;
  is_fetching_ = true;
  return open_;
}

void fetch_queue::close(const batch_ptr& current) {
  if (open_ == current) open_.reset();
}

void fetch_queue::finish(const batch_ptr& current, fetch_outcome outcome, time_point now) {
  is_fetching_ = false;
  close(current);  // a fetch that failed before its request shares the failure with later queries
  if (const auto& retry_after = outcome.failure.retry_after) {
    refusal_ = {now + *retry_after, outcome};
  }
  if (!current->outcome) current->outcome = std::move(outcome);  // a LIST may have answered its queries meanwhile
}

batch_ptr fetch_queue::take_refused(time_point now) {
  if (!open_ || is_fetching_ || is_paused_ || !is_refused(now)) return nullptr;
  open_->outcome = refusal_->outcome;
  return take_open();
}

}  // namespace sidecar::pod
