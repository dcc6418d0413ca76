#include "sidecar/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "sidecar/http/accept_loop.hpp"
#include "sidecar/http/serve_agent.hpp"
#include "sidecar/http/serve_connection.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using serve_client = asio::awaitable<void> (*)(tcp::socket, tcp::endpoint, std::shared_ptr<server_context>);

void accept_clients(const std::shared_ptr<tcp::acceptor>& acceptor, const std::shared_ptr<server_context>& context,
                    serve_client serve) {
  auto serve_one = [context, serve](tcp::socket accepted, tcp::endpoint client) {
    return serve(std::move(accepted), std::move(client), context);
  };
  asio::co_spawn(acceptor->get_executor(), accept_connections(acceptor, context->connections, std::move(serve_one)),
                 net::rethrow);
}

}  // namespace

server::server(tcp::acceptor acceptor, health_endpoint& endpoint, server_settings settings)
    : context_(std::make_shared<server_context>(acceptor.get_executor(), endpoint, std::move(settings))),
      health_(std::make_shared<tcp::acceptor>(std::move(acceptor))) {}

void server::serve_agent(tcp::acceptor acceptor) { agent_ = std::make_shared<tcp::acceptor>(std::move(acceptor)); }

void server::start() {
  accept_clients(health_, context_, serve_connection);
  if (agent_) accept_clients(agent_, context_, http::serve_agent);
}

void server::stop_accepting() {
  boost::system::error_code ignored;
  health_->close(ignored);
  if (agent_) agent_->close(ignored);
}

}  // namespace sidecar::http
