#include "sidecar/net/stream.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

#include "sidecar/net/coro.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using boost::system::error_code;

stream::stream(asio::any_io_executor executor, tls_context context)
    : context_(std::move(context)), socket_(std::move(executor)) {
  if (context_) tls_.emplace(socket_, *context_);
}

asio::awaitable<error_code> stream::connect(std::vector<asio::ip::tcp::endpoint> endpoints) {
  auto [failed, endpoint] = co_await asio::async_connect(socket_, endpoints, use_result);
  if (failed) co_return failed;
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return error_code{};
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
  error_code ignored;
  socket_.close(ignored);
}

std::string stream::verification_failure() {
  return tls_ ? net::verification_failure(tls_->native_handle()) : std::string{};
}

asio::ip::tcp::endpoint stream::peer() const noexcept {
  error_code ignored;
  return socket_.remote_endpoint(ignored);
}

}  // namespace sidecar::net
