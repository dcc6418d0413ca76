#include "sidecar/net/outbound_stream.hpp"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <deque>

#include "sidecar/net/coro.hpp"
#include "sidecar/net/watchdog.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using outcome = tls_connection::outcome;

outbound_stream::outbound_stream(const asio::any_io_executor& executor, tls_context context)
    : context_(std::move(context)), socket_(executor) {}

asio::awaitable<error_code> outbound_stream::connect(std::vector<tcp::endpoint> endpoints, std::chrono::nanoseconds patience) {
  std::deque<tcp::endpoint> line(endpoints.begin(), endpoints.end());
  error_code failed = asio::error::not_found;
  while (!line.empty() && !closed_) {
    const auto endpoint = line.front();
    line.pop_front();
    failed = co_await connect_to(endpoint, patience);
    if (!failed) co_return failed;
    if (failed == asio::error::timed_out) line.push_back(endpoint);
  }
  co_return failed;
}

asio::awaitable<error_code> outbound_stream::connect_to(tcp::endpoint endpoint, std::chrono::nanoseconds patience) {
  error_code ignored;
  bool silent = false;
  auto give_up = [this, &silent] {
    error_code nothing_to_do;
    silent = true;
    socket_.close(nothing_to_do);
  };
  const watchdog limit(socket_.get_executor(), patience, give_up);
  auto [failed] = co_await socket_.async_connect(endpoint, use_result);
  // Both may close the socket after the connect has succeeded and before we hear of it.
  if (closed_) co_return asio::error::operation_aborted;
  if (silent) co_return asio::error::timed_out;
  if (failed) {
    socket_.close(ignored);
  } else {
    socket_.set_option(tcp::no_delay(true), ignored);
  }
  co_return failed;
}

asio::awaitable<error_code> outbound_stream::handshake(std::string host) {
  if (!context_) co_return error_code{};
  if (!socket_.is_open()) co_return asio::error::operation_aborted;
  tls_ = std::make_unique<tls_connection>(context_, socket_.native_handle());
  if (auto prepared = expect_peer(tls_->native_handle(), host); !prepared) {
    tls_.reset();  // it would take anybody
    co_return prepared.error();
  }
  for (;;) {
    const auto what = tls_->handshake();
    if (what == outcome::done) co_return error_code{};
    const auto failed = co_await ready(what);
    if (failed) co_return failed;
  }
}

/// Waits for what OpenSSL wants before it is asked again; an error if it need not be.
asio::awaitable<error_code> outbound_stream::ready(outcome what) {
  if (what != outcome::want_read && what != outcome::want_write) co_return tls_->error();
  const auto direction = what == outcome::want_read ? tcp::socket::wait_read : tcp::socket::wait_write;
  auto [failed] = co_await socket_.async_wait(direction, use_result);
  // The owner may have closed after the socket was found ready and before we hear of it; its number may be another's.
  if (!failed && !socket_.is_open()) co_return asio::error::operation_aborted;
  co_return failed;
}

asio::awaitable<error_code> outbound_stream::write(asio::const_buffer bytes) {
  if (!context_) {
    auto [failed, count] = co_await asio::async_write(socket_, bytes, use_result);
    co_return failed;
  }
  if (!tls_ || !socket_.is_open()) co_return asio::error::operation_aborted;
  while (bytes.size() > 0) {
    const auto written = tls_->write(bytes);
    if (written.what == outcome::done) {
      bytes += written.count;
      continue;
    }
    const auto failed = co_await ready(written.what);
    if (failed) co_return failed;
  }
  co_return error_code{};
}

asio::awaitable<std::pair<error_code, std::size_t>> outbound_stream::read_some(asio::mutable_buffer into) {
  if (!context_) {
    auto [failed, count] = co_await socket_.async_read_some(into, use_result);
    co_return std::pair{failed, count};
  }
  if (!tls_ || !socket_.is_open()) co_return std::pair{error_code{asio::error::operation_aborted}, std::size_t{0}};
  // An answer takes its time, so that trying first would be in vain.
  auto got = tls_connection::transfer{outcome::want_read, 0};
  if (tls_->has_pending()) {
    co_await asio::post(socket_.get_executor(), asio::use_awaitable);  // others get their turn too
    if (!socket_.is_open()) co_return std::pair{error_code{asio::error::operation_aborted}, std::size_t{0}};
    got = tls_->read(into);
  }
  while (got.what != outcome::done) {
    const auto failed = co_await ready(got.what);
    if (failed) co_return std::pair{failed, std::size_t{0}};
    got = tls_->read(into);
  }
  co_return std::pair{error_code{}, got.count};
}

void outbound_stream::close() noexcept {
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
}

bool outbound_stream::is_quiet() noexcept {
  if (!socket_.is_open()) return false;
  if (tls_ && tls_->has_pending()) return false;
  char byte = 0;
  const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EINTR);
}

std::string outbound_stream::verification_failure() {
  return tls_ ? net::verification_failure(tls_->native_handle()) : std::string{};
}

std::string outbound_stream::tls_failure() const { return tls_ ? tls_->failure() : std::string{}; }

tcp::endpoint outbound_stream::peer() const noexcept {
  error_code ignored;
  return socket_.remote_endpoint(ignored);
}

}  // namespace sidecar::net
