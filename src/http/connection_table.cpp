#include "sidecar/http/connection_table.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>

#include "sidecar/base/log.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using std::chrono::steady_clock;

connection_table::connection_table(const asio::any_io_executor& executor, const limits& bounds, traffic& counted)
    : bounds_(bounds),
      counted_(counted),
      sweep_timer_(executor, time_point::max()),
      at_capacity_(bounds.quiet_period) {}

void connection_table::add(connection& one) { open_.push_back(one); }

void connection_table::remove(connection& one) noexcept {
  // A connection that the table has closed lives on until its coroutine ends.
  if (one.is_linked()) open_.erase(open_.iterator_to(one));
}

bool connection_table::ensure_capacity() {
  if (!is_full()) return true;

  const auto candidate = eviction_candidate(open_, [](const connection& one) { return one.place_; });
  const bool refuses = candidate == open_.end();
  const auto now = steady_clock::now();
  if ((refuses || candidate->doing() == phase::answering) && at_capacity_.begin(now)) {
    log::warn(std::to_string(size()) +
              " connections are open, the limit: new ones are refused, or evict others that wait for an answer; "
              "find the clients that hold more than a load balancer needs");
    note_deadline(now + bounds_.sweep);  // a sweep notices the end of the overload
  }
  if (refuses) return false;
  evict(*candidate);
  return true;
}

void connection_table::evict(connection& one) noexcept {
  ++counted_.evicted;
  close(one);
}

void connection_table::close(connection& one) noexcept {
  one.close();
  remove(one);
}

void connection_table::close_idle() {
  for (auto next = open_.begin(); next != open_.end();) {
    auto& one = *next++;
    if (one.doing() != phase::idle && one.doing() != phase::awaiting_first_byte) continue;
    if (!one.stream().has_input()) close(one);  // otherwise a request has arrived and is not read yet
  }
}

void connection_table::note_deadline(time_point deadline) {
  const auto due = std::max(deadline, last_sweep_ + bounds_.sweep);
  if (due >= sweep_timer_.expiry()) return;
  sweep_timer_.expires_at(due);
  sweep_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    // Posted, so that operations that completed together with the timer run first: after a suspend, a request that came
    // in time is still answered.
    asio::post(sweep_timer_.get_executor(), [this] { sweep(); });
  });
}

void connection_table::sweep() {
  last_sweep_ = steady_clock::now();
  auto next = time_point::max();
  for (auto& one : open_) {
    if (one.deadline_ <= last_sweep_) {
      one.expire();
    } else {
      next = std::min(next, one.deadline_);
    }
  }
  if (!is_full() && at_capacity_.end(last_sweep_)) {
    log::info("fewer connections than the limit are open again", {{"connections", std::to_string(size())}});
  }
  if (at_capacity_.is_on()) next = std::min(next, last_sweep_ + bounds_.sweep);
  sweep_timer_.expires_at(time_point::max());
  note_deadline(next);
}

}  // namespace sidecar::http
