#include "workload.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace sidecar::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto use_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

workload::workload(const std::string& name, const std::string& address, std::uint16_t port)
    : answer_{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(name.size()) + "\r\n\r\n" + name},
      acceptor_{context_, tcp::endpoint{asio::ip::make_address(address), port}} {
  asio::co_spawn(context_, welcome(), asio::detached);
  thread_ = std::thread{[this] { context_.run(); }};
}

workload::~workload() {
  context_.stop();
  thread_.join();
}

asio::awaitable<void> workload::welcome() {
  for (;;) {
    auto [error, player] = co_await acceptor_.async_accept(use_result);
    if (error) co_return;
    asio::co_spawn(context_, play(std::move(player)), asio::detached);
  }
}

asio::awaitable<void> workload::play(tcp::socket player) {
  std::string input;
  auto buffer = asio::dynamic_buffer(input);
  for (;;) {
    const auto [end, size] = co_await asio::async_read_until(player, buffer, "\r\n\r\n", use_result);
    if (end) co_return;
    buffer.consume(size);
    const auto answer = asio::buffer(answer_);
    const auto [gone, written] = co_await asio::async_write(player, answer, use_result);
    if (gone) co_return;
  }
}

}  // namespace sidecar::test
