#include "sidecar/http/accept_loop.hpp"

#include <sys/socket.h>
#include <unistd.h>

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

namespace {

constexpr int closed = -1;

/// While many come at once. A look that finds nobody more would cost as much as an accept.
constexpr int accepts_in_a_row = 16;

int released(tcp::acceptor acceptor) {
  acceptor.native_non_blocking(true);
  return acceptor.release();
}

}  // namespace

/// The socket's place in the reactor.
class accept_loop::turn final : public net::turn_taker {
 public:
  explicit turn(accept_loop& loop) noexcept : loop_(loop) {}

  void take_turn(std::unique_ptr<net::turn_taker> self) override {
    loop_.waits_ = false;
    try {
      loop_.accept_some();
    } catch (...) {
      // Out of memory, say. A process that runs and accepts nobody would be the worst of both.
      loop_.note_failure(net::what_of(std::current_exception()));
    }
    if (loop_.descriptor_ == closed || loop_.trouble_.is_on()) return loop_.start();
    // As start() does, but for the memory of another turn.
    loop_.reactor_.wait(loop_.descriptor_, net::peer_reactor::until::readable, std::move(self));
    loop_.waits_ = true;
  }

 private:
  accept_loop& loop_;
};

accept_loop::accept_loop(tcp::acceptor acceptor, net::peer_reactor& reactor, taker take)
    : reactor_(reactor),
      descriptor_(released(std::move(acceptor))),
      take_(std::move(take)),
      pause_(reactor.get_executor()) {}

void accept_loop::start() {
  if (descriptor_ == closed || waits_ || pauses_) return;
  if (trouble_.is_on() && pause_.expiry() > steady_clock::now()) return pause();
  wait();
}

void accept_loop::wait() {
  reactor_.wait(descriptor_, net::peer_reactor::until::readable, std::make_unique<turn>(*this));
  waits_ = true;
  reactor_.start();  // what it lacked memory for is heard of: there may be no connection whose deadlines see to it
}

void accept_loop::pause() {
  pause_.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;  // put off, stopped or destroyed
    pauses_ = false;
    start();
  });
  pauses_ = true;
}

void accept_loop::stop() noexcept {
  if (descriptor_ == closed) return;
  reactor_.forget(descriptor_);
  ::close(std::exchange(descriptor_, closed));
  pause_.cancel();
}

tcp::endpoint accept_loop::local_endpoint() const noexcept {
  tcp::endpoint here;
  auto size = static_cast<socklen_t>(here.capacity());
  if (::getsockname(descriptor_, here.data(), &size) != 0) return {};
  here.resize(size);
  return here;
}

void accept_loop::accept_some() {
  for (int left = reactor_.is_busy() ? accepts_in_a_row : 1; left > 0 && descriptor_ != closed; --left) {
    const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      net::peer_socket socket(reactor_, accepted);
      if (trouble_.is_on() && trouble_.accepted(steady_clock::now())) log::info("connections are accepted again");
      if (!hand_over(std::move(socket))) return;
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != ECONNABORTED && errno != EINTR) {
      return note_failure(std::system_category().message(errno));
    }
  }
}

/// Puts the next accept off.
void accept_loop::note_failure(const std::string& what) {
  const auto [pause, tell] = trouble_.failed(steady_clock::now());
  pause_.expires_after(pause);
  if (tell) log::error("no connection can be accepted", {{"error", what}});
}

bool accept_loop::hand_over(net::peer_socket&& socket) try { return take_(std::move(socket)); } catch (...) {
  net::log_exception{"a connection"}(std::current_exception());
  return false;
}

}  // namespace sidecar::http
