#include "sidecar/net/stream.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>

#include "sidecar/net/coro.hpp"
#include "sidecar/net/server_tls_context.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Nearly every load balancer closes TLS without a close_notify.
error_code end_of_input(error_code outcome) {
  return outcome == asio::ssl::error::stream_truncated ? asio::error::eof : outcome;
}

}  // namespace

error_code stream::result_of(error_code outcome) const {
  if (outcome && expired_) return asio::error::timed_out;
  return outcome;
}

SSL* stream::begin_tls(tls_context context) {
  context_ = std::move(context);
  tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, *context_);
  return tls_->native_handle();
}

asio::awaitable<error_code> stream::connect(tcp::endpoint endpoint) {
  if (expired_) co_return asio::error::timed_out;
  auto [failed] = co_await socket_.async_connect(endpoint, use_result);
  if (failed) {
    close();
    co_return result_of(failed);
  }
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  co_return error_code{};
}

asio::awaitable<error_code> stream::handshake_as_client(tls_context context, std::string host) {
  if (expired_) co_return asio::error::timed_out;
  if (auto prepared = expect_peer(begin_tls(std::move(context)), host); !prepared) {
    close();  // it would accept any peer
    co_return prepared.error();
  }
  auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_result);
  co_return result_of(end_of_input(failed));
}

asio::awaitable<error_code> stream::handshake_as_server(tls_context context, asio::const_buffer received) {
  if (expired_) co_return asio::error::timed_out;
  auto* const native = begin_tls(std::move(context));
  auto [failed, used] = co_await tls_->async_handshake(asio::ssl::stream_base::server, received, use_result);
  if (failed) co_return result_of(end_of_input(failed));
  drop_client_chain(native);
  // No client sends more than its first flight before the server's response; Asio would lose the rest.
  if (used < received.size()) co_return asio::error::invalid_argument;
  co_return error_code{};
}

asio::awaitable<std::pair<error_code, std::size_t>> stream::read_some(asio::mutable_buffer buffer) {
  if (expired_) co_return std::pair{error_code{asio::error::timed_out}, std::size_t{0}};
  if (tls_) {
    auto [failed, count] = co_await tls_->async_read_some(buffer, use_result);
    co_return std::pair{result_of(end_of_input(failed)), count};
  }
  auto [failed, count] = co_await socket_.async_read_some(buffer, use_result);
  co_return std::pair{result_of(failed), count};
}

/// A loop of single steps: Asio's composed write would continue after `expire` has ended one of its steps.
asio::awaitable<error_code> stream::write(asio::const_buffer bytes) {
  while (bytes.size() > 0) {
    if (expired_) co_return asio::error::timed_out;
    error_code failed;
    std::size_t count = 0;
    if (tls_) {
      std::tie(failed, count) = co_await tls_->async_write_some(bytes, use_result);
    } else {
      std::tie(failed, count) = co_await socket_.async_write_some(bytes, use_result);
    }
    if (failed) co_return result_of(failed);
    bytes += count;
  }
  co_return error_code{};
}

std::size_t stream::write_now(asio::const_buffer bytes, following next) noexcept {
  if (tls_ || expired_) return 0;
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (next == following::end ? MSG_MORE : 0);
  const auto count = ::send(socket_.native_handle(), bytes.data(), bytes.size(), flags);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

asio::awaitable<void> stream::end_output() {
  if (expired_ || !socket_.is_open()) co_return;
  if (tls_ && ::SSL_is_init_finished(tls_->native_handle()) == 1) {
    // Otherwise the shutdown would wait for the peer's close_notify, which few send.
    ::SSL_set_shutdown(tls_->native_handle(), SSL_RECEIVED_SHUTDOWN);
    co_await tls_->async_shutdown(use_result);
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> stream::finish(std::size_t max_bytes) {
  co_await end_output();
  std::array<char, 1024> dropped;
  for (std::size_t total = 0; total <= max_bytes && !expired_;) {
    auto [failed, count] = co_await socket_.async_read_some(asio::buffer(dropped), use_result);
    if (failed) co_return;
    total += count;
  }
}

void stream::expire() noexcept {
  expired_ = true;
  // A composed TLS operation would start another step after a cancelled one.
  if (tls_) return close();
  error_code ignored;
  socket_.cancel(ignored);
}

void stream::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

bool stream::is_quiet() noexcept {
  if (!socket_.is_open()) return false;
  if (!tls_) return !has_input();
  error_code failed;
  if (!socket_.non_blocking()) socket_.non_blocking(true, failed);  // asynchronous operations are not affected
  char byte = 0;
  tls_->read_some(asio::buffer(&byte, 1), failed);
  return failed == asio::error::would_block;
}

bool stream::has_input() noexcept {
  if (!socket_.is_open()) return false;
  // Asio passes received bytes to OpenSSL through a BIO pair.
  if (tls_) {
    auto* native = tls_->native_handle();
    if (::SSL_has_pending(native) != 0 || ::BIO_ctrl_pending(::SSL_get_rbio(native)) > 0) return true;
  }
  char byte = 0;
  const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

}  // namespace sidecar::net
