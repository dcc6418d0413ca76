#include "sidecar/http/accept_loop.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

accept_loop::accept_loop(tcp::acceptor acceptor, std::function<void(net::peer_socket&&)> take)
    : acceptor_(std::move(acceptor)),
      protocol_(acceptor_.local_endpoint().protocol()),
      take_(std::move(take)),
      pause_(acceptor_.get_executor()) {
  acceptor_.native_non_blocking(true);
}

void accept_loop::start() {
  if (!acceptor_.is_open() || !running_.expired()) return;
  auto running = std::make_shared<const bool>(true);
  running_ = running;
  asio::co_spawn(acceptor_.get_executor(), run(std::move(running)), [this](std::exception_ptr failure) {
    if (!failure) return;
    // Out of memory, say. A process that runs and accepts nobody would be the worst of both.
    note_failure(net::what_of(failure));
    start();
  });
}

void accept_loop::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

tcp::endpoint accept_loop::local_endpoint() const {
  boost::system::error_code closed;
  return acceptor_.local_endpoint(closed);
}

asio::awaitable<void> accept_loop::run([[maybe_unused]] std::shared_ptr<const bool> running) {
  for (;;) {
    if (trouble_.is_on() && pause_.expiry() > steady_clock::now()) {
      [[maybe_unused]] const auto result = co_await pause_.async_wait(net::use_result);
    }
    if (!acceptor_.is_open()) co_return;
    const auto [ec] = co_await acceptor_.async_wait(tcp::acceptor::wait_read, net::use_result);
    if (!acceptor_.is_open()) co_return;
    if (ec) {
      note_failure(ec.message());
    } else {
      accept_one();
    }
  }
}

/// Only one before the others have their turn: what a watch tells must not wait for those who ask.
void accept_loop::accept_one() {
  const int accepted = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) {
    if (trouble_.is_on() && trouble_.accepted(steady_clock::now())) log::info("connections are accepted again");
    hand_over({acceptor_.get_executor(), protocol_, accepted});
  } else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
    note_failure(std::system_category().message(errno));
  }
}

/// Puts the next accept off.
void accept_loop::note_failure(const std::string& what) {
  const auto [pause, tell] = trouble_.failed(steady_clock::now());
  pause_.expires_after(pause);
  if (tell) log::error("no connection can be accepted", {{"error", what}});
}

void accept_loop::hand_over(net::peer_socket&& socket) try { take_(std::move(socket)); } catch (...) {
  net::log_exception{"a connection"}(std::current_exception());
}

}  // namespace sidecar::http
