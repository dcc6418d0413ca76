#include "sidecar/status/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "sidecar/http/accept_loop.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::status {

namespace asio = boost::asio;
using asio::ip::tcp;

server::server(tcp::acceptor acceptor, responder_settings settings, const fact_source& source)
    : responder_(std::move(settings), source),
      context_(std::make_shared<server_context>(acceptor.get_executor(), responder_)),
      acceptor_(std::make_shared<tcp::acceptor>(std::move(acceptor))) {}

server::~server() {
  boost::system::error_code ignored;
  acceptor_->close(ignored);
}

void server::start() {
  auto serve_one = [context = context_](tcp::socket accepted, tcp::endpoint client) {
    return serve_status(std::move(accepted), std::move(client), context);
  };
  asio::co_spawn(acceptor_->get_executor(),
                 http::accept_connections(acceptor_, context_->connections, std::move(serve_one)), net::rethrow);
}

}  // namespace sidecar::status
