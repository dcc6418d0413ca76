#include "sidecar/http/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

/// The session boundary: its connection is closed by now, and the next one has nothing to do with it.
constexpr net::log_exception log_failure{"a connection"};

}  // namespace

server::server(tcp::acceptor acceptor, health_endpoint endpoint, unsigned unhealthy_status, const limits& bounds)
    : context_(acceptor.get_executor(), std::move(endpoint), unhealthy_status, bounds),
      acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()) {}

void server::start() {
  asio::co_spawn(acceptor_.get_executor(), run_listener(), [this](std::exception_ptr failure) {
    if (!failure) return;
    // Out of memory, say. A process that runs and accepts nobody would be the worst of both.
    if (!acceptor_.is_open()) return;
    note_failure(net::what_of(failure));
    start();
  });
}

void server::stop_accepting() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

tcp::endpoint server::local_endpoint() const {
  boost::system::error_code closed;
  return acceptor_.local_endpoint(closed);
}

asio::awaitable<void> server::run_listener() {
  for (;;) {
    if (trouble_.is_on() && pause_.expiry() > steady_clock::now()) {
      [[maybe_unused]] const auto result = co_await pause_.async_wait(net::use_result);
    }
    if (!acceptor_.is_open()) co_return;
    auto [ec, socket] = co_await acceptor_.async_accept(net::use_result);
    if (!acceptor_.is_open()) co_return;
    if (ec) {
      note_failure(ec.message());
      continue;
    }
    if (trouble_.is_on() && trouble_.accepted(steady_clock::now())) log::info("connections are accepted again");
    take(std::move(socket));
  }
}

/// Puts the next accept off.
void server::note_failure(const std::string& what) {
  const auto [pause, tell] = trouble_.failed(steady_clock::now());
  pause_.expires_after(pause);
  if (tell) log::error("no connection can be accepted", {{"error", what}});
}

void server::take(tcp::socket socket) try {
  boost::system::error_code ec;
  // So that an answer can be written on the spot: without it Asio would wait for a peer that does not read.
  socket.non_blocking(true, ec);
  if (ec) return;
  if (!context_.open.make_room()) {
    const auto answer = context_.answers.refused(refusal::service_unavailable, connection_header::close, true);
    socket.write_some(asio::buffer(answer), ec);
    return;
  }
  auto session = make_session(std::move(socket), context_);
  asio::co_spawn(acceptor_.get_executor(), run_session(std::move(session)), log_failure);
} catch (...) {
  log_failure(std::current_exception());
}

}  // namespace sidecar::http
