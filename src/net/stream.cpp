#include "sidecar/net/stream.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <deque>

#include "sidecar/net/coro.hpp"
#include "sidecar/net/watchdog.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

stream::stream(const asio::any_io_executor& executor, tls_context context)
    : context_(std::move(context)), socket_(executor) {
  if (context_) tls_.emplace(socket_, *context_);
}

asio::awaitable<error_code> stream::connect(std::vector<tcp::endpoint> endpoints, std::chrono::nanoseconds patience) {
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

asio::awaitable<error_code> stream::connect_to(tcp::endpoint endpoint, std::chrono::nanoseconds patience) {
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

asio::awaitable<error_code> stream::handshake(std::string host) {
  if (!tls_) co_return error_code{};
  if (auto prepared = expect_peer(tls_->native_handle(), host); !prepared) co_return prepared.error();
  auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_result);
  co_return failed;
}

asio::awaitable<error_code> stream::write(asio::const_buffer bytes) {
  if (tls_) {
    auto [failed, count] = co_await asio::async_write(*tls_, bytes, use_result);
    co_return failed;
  }
  auto [failed, count] = co_await asio::async_write(socket_, bytes, use_result);
  co_return failed;
}

asio::awaitable<std::pair<error_code, std::size_t>> stream::read_some(asio::mutable_buffer into) {
  if (tls_) {
    auto [failed, count] = co_await tls_->async_read_some(into, use_result);
    co_return std::pair{failed, count};
  }
  auto [failed, count] = co_await socket_.async_read_some(into, use_result);
  co_return std::pair{failed, count};
}

void stream::close() noexcept {
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
}

bool stream::is_quiet() noexcept {
  if (!socket_.is_open()) return false;
  if (tls_) {
    auto* connection = tls_->native_handle();
    if (::SSL_has_pending(connection) != 0 || ::BIO_ctrl_pending(::SSL_get_rbio(connection)) != 0) return false;
  }
  char byte = 0;
  const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EINTR);
}

std::string stream::verification_failure() {
  return tls_ ? net::verification_failure(tls_->native_handle()) : std::string{};
}

tcp::endpoint stream::peer() const noexcept {
  error_code ignored;
  return socket_.remote_endpoint(ignored);
}

}  // namespace sidecar::net
