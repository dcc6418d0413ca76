#include "sidecar/net/watchdog.hpp"

#include <memory>
#include <utility>

namespace sidecar::net {

watchdog::watchdog(const boost::asio::any_io_executor& executor, std::chrono::nanoseconds limit,
                   std::function<void()> bite)
    : timer_(executor, std::chrono::duration_cast<boost::asio::steady_timer::duration>(limit)),
      bite_(std::make_shared<std::function<void()>>(std::move(bite))) {
  timer_.async_wait([armed = std::weak_ptr(bite_)](boost::system::error_code) {
    if (auto action = armed.lock()) (*action)();
  });
}

watchdog::~watchdog() { bite_.reset(); }

}  // namespace sidecar::net
