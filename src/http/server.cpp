#include "sidecar/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "sidecar/http/agent.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// The session boundary: its connection is closed by now, and the next one has nothing to do with it.
constexpr net::log_exception log_failure{"a connection"};

}  // namespace

server::server(tcp::acceptor acceptor, health_endpoint endpoint, server_settings settings)
    : context_(acceptor.get_executor(), std::move(endpoint), std::move(settings)),
      health_(std::move(acceptor), [this](net::peer_socket&& socket) { take(std::move(socket)); }) {}

void server::serve_agent(tcp::acceptor acceptor) {
  agent_.emplace(std::move(acceptor), [this](net::peer_socket&& socket) { take_agent(std::move(socket)); });
}

void server::start() {
  health_.start();
  if (agent_) agent_->start();
}

void server::stop_accepting() {
  health_.stop();
  if (agent_) agent_->stop();
}

void server::take(net::peer_socket&& socket) {
  // Without a word: nobody knows yet what it speaks, and some checkers take any byte for up.
  if (!context_.open.make_room()) return;
  auto session = make_session(std::move(socket), context_);
  // After those whose turn it is: what has been read of a watch is told before anybody is answered, and the question
  // has time to come, which spares it the reactor.
  asio::post(health_.get_executor(), [this, session = std::move(session)]() mutable { begin(std::move(session)); });
}

void server::begin(session_ptr session) try {
  if (run_at_once(*session)) return;
  asio::co_spawn(health_.get_executor(), run_session(std::move(session)), log_failure);
} catch (...) {
  log_failure(std::current_exception());
}

void server::take_agent(net::peer_socket&& socket) {
  if (!context_.open.make_room()) return;
  asio::co_spawn(agent_->get_executor(), run_agent_session(std::move(socket), context_), log_failure);
}

}  // namespace sidecar::http
