#include "sidecar/net/client_stream.hpp"

#include <boost/asio/error.hpp>
#include <utility>

#include "sidecar/net/coro.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using boost::system::error_code;

asio::awaitable<error_code> client_stream::connect(tcp::endpoint endpoint) {
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

asio::awaitable<error_code> client_stream::handshake(tls_context context, std::string host) {
  if (expired_) co_return asio::error::timed_out;
  if (auto prepared = expect_peer(begin_tls(std::move(context)), host); !prepared) {
    close();  // it would accept any peer
    co_return prepared.error();
  }
  auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, use_result);
  co_return tls_result_of(failed);
}

bool client_stream::is_quiet() noexcept {
  if (!socket_.is_open()) return false;
  if (!tls_) return !has_input();
  error_code failed;
  if (!socket_.non_blocking()) socket_.non_blocking(true, failed);  // asynchronous operations are not affected
  char byte = 0;
  tls_->read_some(asio::buffer(&byte, 1), failed);
  return failed == asio::error::would_block;
}

}  // namespace sidecar::net
