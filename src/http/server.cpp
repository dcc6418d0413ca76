#include "sidecar/http/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/http/listener.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// The session boundary: its connection is closed by now, and the next one has nothing to do with it.
void log_failure(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& what) {
    log::error("a connection ended in an internal error", {{"error", what.what()}});
  } catch (...) {
    log::error("a connection ended in an internal error");
  }
}

}  // namespace

server::server(tcp::acceptor acceptor, health_endpoint endpoint, unsigned unhealthy_status, const limits& bounds)
    : context_(acceptor.get_executor(), std::move(endpoint), unhealthy_status, bounds),
      acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()) {}

void server::start() {
  asio::co_spawn(acceptor_.get_executor(), run_listener(), [this](std::exception_ptr failure) {
    if (!failure) return;
    // Out of memory, say. A process that runs and accepts nobody would be the worst of both.
    log_failure(failure);
    if (acceptor_.is_open()) start();
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
  constexpr auto use_result = asio::as_tuple(asio::use_awaitable);
  std::chrono::milliseconds pause{0};
  for (;;) {
    auto [ec, socket] = co_await acceptor_.async_accept(use_result);
    if (!acceptor_.is_open()) co_return;
    if (!ec) {
      if (pause.count() > 0) log::info("connections are accepted again");
      pause = {};
      take(std::move(socket));
      continue;
    }
    if (pause.count() == 0) log::error("no connection can be accepted", {{"error", ec.message()}});
    pause = next_pause(pause);
    pause_.expires_after(pause);
    [[maybe_unused]] const auto result = co_await pause_.async_wait(use_result);
    if (!acceptor_.is_open()) co_return;
  }
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
