#include "sidecar/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/base/shortage.hpp"
#include "sidecar/http/accept_backoff.hpp"
#include "sidecar/http/serve_agent.hpp"
#include "sidecar/http/serve_connection.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

using serve_function = asio::awaitable<void> (*)(tcp::socket, tcp::endpoint, std::shared_ptr<server_context>);

std::string accept_failure(const boost::system::error_code& failed) {
  std::string text = "no connection can be accepted; trying again";
  if (const auto advice = descriptor_advice(failed); !advice.empty()) text.append(": ").append(advice);
  return text;
}

/// Runs until the acceptor is closed.
asio::awaitable<void> accept_clients(std::shared_ptr<tcp::acceptor> acceptor, std::shared_ptr<server_context> context,
                                     serve_function serve) {
  accept_backoff backoff;
  asio::steady_timer pause(acceptor->get_executor());
  while (acceptor->is_open()) {
    tcp::endpoint client;
    auto [failed, accepted] = co_await acceptor->async_accept(client, net::use_result);
    if (!acceptor->is_open()) co_return;
    const auto now = steady_clock::now();
    if (failed) {
      const auto reaction = backoff.failed(now);
      if (reaction.log) {
        log::error(accept_failure(failed), {{"problem", failed.message()}});
      }
      pause.expires_after(reaction.pause);
      co_await pause.async_wait(net::use_result);
      continue;
    }
    if (backoff.is_on() && backoff.accepted(now)) log::info("connections are accepted again");
    // Closed without a byte: the client's protocol is unknown, and to some load balancers any byte is up.
    if (!context->connections.ensure_capacity()) continue;
    asio::co_spawn(acceptor->get_executor(), serve(std::move(accepted), client, context), net::rethrow);
  }
}

}  // namespace

server::server(tcp::acceptor acceptor, health_endpoint& endpoint, server_settings settings)
    : context_(std::make_shared<server_context>(acceptor.get_executor(), endpoint, std::move(settings))),
      health_(std::make_shared<tcp::acceptor>(std::move(acceptor))) {}

void server::serve_agent(tcp::acceptor acceptor) { agent_ = std::make_shared<tcp::acceptor>(std::move(acceptor)); }

void server::start() {
  asio::co_spawn(health_->get_executor(), accept_clients(health_, context_, serve_connection), net::rethrow);
  if (agent_) asio::co_spawn(agent_->get_executor(), accept_clients(agent_, context_, http::serve_agent), net::rethrow);
}

void server::stop_accepting() {
  boost::system::error_code ignored;
  health_->close(ignored);
  if (agent_) agent_->close(ignored);
}

}  // namespace sidecar::http
