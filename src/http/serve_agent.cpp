#include "sidecar/http/serve_agent.hpp"

#include <boost/asio/buffer.hpp>
#include <optional>
#include <utility>

#include "sidecar/http/client_visit.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;

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

asio::awaitable<void> serve_agent(tcp::socket accepted, tcp::endpoint client, std::shared_ptr<server_context> server) {
  connection one(std::move(accepted), client, server->connections);
  one.enter(phase::answering);
  std::optional<health::answer> answer = server->endpoint.answer_now({});
  if (!answer) {
    auto waiting = server->endpoint.answer({});
    answer = co_await std::move(waiting);
  }
  const auto line = agent_line(*answer);
  one.count_answer();
  one.enter(phase::writing, server->bounds.write);
  client_visit visit(*server, client.address(), one.since());
  visit.count_agent_check(*answer);
  visit.end(one.since());
  const auto failed = co_await one.stream().write(asio::buffer(line));
  if (failed) co_return;
  one.enter(phase::lingering, server->bounds.linger);
  co_await one.stream().finish(server->bounds.linger_bytes);
}

}  // namespace sidecar::http
