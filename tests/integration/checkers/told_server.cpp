#include "told_server.hpp"

#include <boost/asio/packaged_task.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/http/listener.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::test {
namespace {

namespace asio = boost::asio;

/// Answers from the override and while draining are there at once; the cluster's are waited for.
bool is_there_at_once(const told& what) {
  return what.draining || what.from_memory || what.answer.verdict.reason == health::reason::state_override_healthy ||
         what.answer.verdict.reason == health::reason::state_override_unhealthy;
}

asio::awaitable<health::answer> answer_later(health::answer what) {
  const auto executor = co_await asio::this_coro::executor;
  auto turn = asio::post(executor, asio::use_awaitable);
  co_await std::move(turn);
  co_return what;
}

asio::ip::tcp::acceptor open(asio::io_context& io) {
  auto opened = http::open_listener(io.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false);
  return std::move(opened).value();
}

}  // namespace

http::server_settings with_tls(const certificate_authority& authority, http::server_settings settings) {
  const auto leaf = authority.issue();
  settings.tls = [context = net::make_server_context({leaf.pem, leaf.key}).value()] { return context; };
  return settings;
}

told_server::told_server(http::server_settings settings)
    : server_{open(io_), endpoint_, std::move(settings)}, port_{server_.local_endpoint().port()} {
  server_.start();
  thread_ = std::thread{[this] { io_.run(); }};
}

told_server::~told_server() {
  io_.stop();
  thread_.join();
}

void told_server::tell(const told& next) {
  asio::post(io_, std::packaged_task<void()>{[this, &next] { endpoint_.now = next; }}).get();
}

std::size_t told_server::sessions() {
  return asio::post(io_, std::packaged_task<std::size_t()>{[this] { return server_.connections(); }}).get();
}

std::optional<health::answer> told_endpoint::answer_now(std::string_view) {
  if (is_there_at_once(now)) return now.answer;
  return std::nullopt;
}

asio::awaitable<health::answer> told_endpoint::answer(std::string) { return answer_later(now.answer); }

}  // namespace sidecar::test
