#include "sidecar/http/agent.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <utility>

#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Reads what the peer sends, to no end but that closing with unread bytes would send RST, which destroys the line on
/// its way.
asio::awaitable<void> linger(connection& one, const limits& bounds) {
  std::array<char, 256> ignored;
  const auto into = asio::buffer(ignored);
  std::size_t lingered = 0;
  one.enter(phase::lingering, bounds.linger);
  while (lingered <= bounds.linger_bytes && !one.expired()) {
    const auto [ended, count] = co_await one.socket().registered().async_read_some(into, net::use_result);
    if (ended) co_return;
    lingered += count;
  }
}

asio::awaitable<health::answer> ask(const health_endpoint& endpoint) {
  if (const auto known = endpoint.at_once({})) co_return *known;
  auto asked = endpoint.ask({});
  co_return co_await std::move(asked);
}

}  // namespace

std::string agent_line(const health::answer& answer) {
  switch (answer.verdict.state) {
    case health::state::healthy:
      return "up ready\n";
    case health::state::unhealthy:
      if (is_drain(answer.verdict.reason)) return "up drain\n";
      return "down #" + std::string(name(answer.verdict.reason)) + '\n';
    case health::state::unknown:
      break;
  }
  return "\n";
}

asio::awaitable<void> run_agent_session(net::peer_socket socket, session_context& context) {
  connection one(std::move(socket), context.open);
  one.enter(phase::answering);
  auto asked = ask(context.endpoint);
  const auto answer = co_await std::move(asked);
  const auto line = agent_line(answer);
  error_code failed;
  // A new connection's buffer takes so little in one piece.
  one.socket().write_some(asio::buffer(line), failed);
  one.count_answer();
  if (!failed) one.socket().shutdown_send(failed);
  if (failed) co_return;
  auto lingering = linger(one, context.bounds);
  co_await std::move(lingering);
}

}  // namespace sidecar::http
