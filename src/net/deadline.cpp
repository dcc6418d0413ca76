#include "sidecar/net/deadline.hpp"

#include <boost/asio/error.hpp>
#include <utility>

namespace sidecar::net {

deadline::deadline(const boost::asio::any_io_executor& executor, std::chrono::nanoseconds limit)
    : timer_(executor, std::chrono::duration_cast<boost::asio::steady_timer::duration>(limit)),
      state_(std::make_shared<state>()) {
  timer_.async_wait([weak = std::weak_ptr(state_)](boost::system::error_code cancelled) {
    const auto mine = weak.lock();
    if (cancelled || !mine) return;
    mine->passed = true;
    if (const auto abort = mine->abort) abort();
  });
}

deadline::~deadline() = default;

boost::system::error_code deadline::result_of(boost::system::error_code outcome) const {
  if (outcome && state_->passed) return boost::asio::error::timed_out;
  return outcome;
}

deadline::guard::guard(const deadline& limit, std::function<void()> abort) : limit_(limit) {
  limit_.state_->abort = std::move(abort);
  if (limit_.state_->passed) limit_.state_->abort();
}

deadline::guard::~guard() { limit_.state_->abort = nullptr; }

}  // namespace sidecar::net
