#include "sidecar/net/stream.hpp"

#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <tuple>

#include "sidecar/net/coro.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using boost::system::error_code;

error_code stream::result_of(error_code outcome) const {
  if (outcome && expired_) return asio::error::timed_out;
  return outcome;
}

error_code stream::tls_result_of(error_code outcome) const {
  return result_of(outcome == asio::ssl::error::stream_truncated ? asio::error::eof : outcome);
}

SSL* stream::begin_tls(tls_context context) {
  context_ = std::move(context);
  tls_ = std::make_unique<tls_stream>(socket_, *context_);
  return tls_->native_handle();
}

asio::awaitable<std::pair<error_code, std::size_t>> stream::read_some(asio::mutable_buffer buffer) {
  if (expired_) co_return std::pair{error_code{asio::error::timed_out}, std::size_t{0}};
  if (tls_) {
    auto [failed, count] = co_await tls_->async_read_some(buffer, use_result);
    co_return std::pair{tls_result_of(failed), count};
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
