#include "sidecar/net/server_stream.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/error.hpp>
#include <utility>

#include "sidecar/net/coro.hpp"
#include "sidecar/net/server_tls_context.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using boost::system::error_code;

asio::awaitable<error_code> server_stream::handshake(tls_context context, asio::const_buffer received) {
  if (expired_) co_return asio::error::timed_out;
  auto* const native = begin_tls(std::move(context));
  auto [failed, used] = co_await tls_->async_handshake(asio::ssl::stream_base::server, received, use_result);
  if (failed) co_return tls_result_of(failed);
  drop_client_chain(native);
  // No client sends more than its first flight before the server's response; Asio would lose the rest.
  if (used < received.size()) co_return asio::error::invalid_argument;
  co_return error_code{};
}

std::size_t server_stream::write_now(asio::const_buffer bytes, following next) noexcept {
  if (tls_ || expired_) return 0;
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (next == following::end ? MSG_MORE : 0);
  const auto count = ::send(socket_.native_handle(), bytes.data(), bytes.size(), flags);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

asio::awaitable<void> server_stream::finish(std::size_t max_bytes) {
  co_await end_output();
  std::array<char, 1024> dropped;
  for (std::size_t total = 0; total <= max_bytes && !expired_;) {
    auto [failed, count] = co_await socket_.async_read_some(asio::buffer(dropped), use_result);
    if (failed) co_return;
    total += count;
  }
}

}  // namespace sidecar::net
