#include "sidecar/http/accept_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/base/shortage.hpp"
#include "sidecar/http/accept_backoff.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

std::string accept_failure(const boost::system::error_code& failed) {
  std::string text = "no connection can be accepted; trying again";
  if (const auto advice = descriptor_advice(failed); !advice.empty()) text.append(": ").append(advice);
  return text;
}

}  // namespace

asio::awaitable<void> accept_connections(std::shared_ptr<tcp::acceptor> acceptor, connection_table& connections,
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
    if (backoff.accepted(now)) log::info("connections are accepted again");
    // Closed without a byte: the client's protocol is unknown, and to some load balancers any byte is up.
    if (!connections.ensure_capacity()) continue;
    auto served = serve(std::move(accepted), client);
    asio::co_spawn(acceptor->get_executor(), std::move(served), net::rethrow);
  }
}

}  // namespace sidecar::http
