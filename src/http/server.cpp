#include "sidecar/http/server.hpp"

#include <utility>

#include "sidecar/http/agent.hpp"

namespace sidecar::http {

using boost::asio::ip::tcp;

server::server(tcp::acceptor acceptor, health_endpoint endpoint, server_settings settings)
    : reactor_(acceptor.get_executor(), settings.turns),
      context_(reactor_, std::move(endpoint), std::move(settings)),
      health_(std::move(acceptor), reactor_,
              [this](net::peer_socket&& socket) { return take(std::move(socket), make_session); }) {}

void server::serve_agent(tcp::acceptor acceptor) {
  agent_.emplace(std::move(acceptor), reactor_,
                 [this](net::peer_socket&& socket) { return take(std::move(socket), make_agent_session); });
}

void server::start() {
  reactor_.start();
  health_.start();
  if (agent_) agent_->start();
}

void server::stop_accepting() {
  health_.stop();
  if (agent_) agent_->stop();
}

/// At the cap nobody may be cut off for those who are accepted with them, before they could ask.
bool server::take(net::peer_socket&& socket, session_maker make) {
  // Without a word: nobody knows yet what it speaks, and some checkers take any byte for up.
  if (context_.open.make_room()) reactor_.queue(make(std::move(socket), context_));
  return !context_.open.is_full();
}

}  // namespace sidecar::http
