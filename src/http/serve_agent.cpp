#include "sidecar/http/serve_agent.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/base/ascii.hpp"
#include "sidecar/http/client_visit.hpp"
#include "sidecar/http/route.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string agent_line(const health::answer& answer, config::run_mode mode) {
  using health::reason;
  const auto why = answer.verdict.reason;
  switch (answer.verdict.state) {
    case health::state::healthy:
      return "up ready\n";
    case health::state::unhealthy:
      if (is_drain(why)) return "up drain\n";
      if (why == reason::no_pod_on_node || why == reason::workload_not_named) break;
      // No pod of the workload has that container: a wrong agent-send, which says nothing about the pods.
      if (mode == config::run_mode::node && why == reason::no_such_container) break;
      return "down #" + std::string(name(why)) + '\n';
    case health::state::unknown:
      break;
  }
  return "\n";
}

namespace {

/// The client's first line; empty without one.
asio::awaitable<std::string> read_workload(connection& client, std::chrono::milliseconds limit) {
  std::array<char, 256> line;  // a namespace, a workload and a container have 191 bytes
  std::size_t size = 0;
  client.enter(phase::reading_head, limit);
  while (size < line.size()) {
    const auto [failed, count] = co_await client.stream().read_some(asio::buffer(line) + size);
    if (failed) break;
    const std::string_view read{line.data(), size += count};
    if (const auto end = read.find('\n'); end != read.npos)
      co_return std::string{workload_in(trim(read.substr(0, end)))};
  }
  co_return std::string{};
}

}  // namespace

asio::awaitable<void> serve_agent(tcp::socket accepted, tcp::endpoint client, std::shared_ptr<server_context> server) {
  connection one(std::move(accepted), client, server->connections);
  std::string named;
  if (server->mode == config::run_mode::node) named = co_await read_workload(one, server->bounds.agent_line);
  one.enter(phase::answering);
  std::optional<health::answer> answer = server->endpoint.answer_now(named);
  if (!answer) answer = co_await server->endpoint.answer(std::move(named));
  const auto line = agent_line(*answer, server->mode);
  one.count_answer();
  one.enter(phase::writing, server->bounds.write);
  client_visit visit(*server, client.address(), one.since());
  visit.count_agent_check(*answer, one.since());
  const auto failed = co_await one.stream().write(asio::buffer(line));
  if (failed) co_return;
  one.enter(phase::lingering, server->bounds.linger);
  co_await one.stream().finish(server->bounds.linger_bytes);
}

}  // namespace sidecar::http
