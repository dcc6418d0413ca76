#pragma once

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/http/listener.hpp"
#include "sidecar/http/server.hpp"
#include "unit/net/run.hpp"

/// A server on loopback, its endpoint played by a script, and its clients; all on one thread.
namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

inline constexpr health::answer ready{{health::state::healthy, health::reason::all_containers_ready}, {}};
inline constexpr health::answer not_ready{{health::state::unhealthy, health::reason::container_not_ready}, {}};

inline const std::string get = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";

/// A health endpoint that says what a test tells it to. Outlives the io_context.
class scripted_endpoint final : public health_endpoint {
 public:
  std::optional<health::answer> answer_now(std::string_view name) override {
    named = name;
    ++calls;
    return now;
  }
  asio::awaitable<health::answer> answer(std::string) override {
    ++queries;
    constexpr auto use_result = asio::as_tuple(asio::use_awaitable);
    if (gate) co_await gate->async_wait(use_result);
    co_return later;
  }
  bool is_draining() const override { return draining; }

  std::optional<health::answer> now = ready;
  health::answer later = ready;
  bool draining = false;
  std::string named;  ///< by the last query
  int calls = 0;      ///< of `answer_now`
  int queries = 0;
  std::optional<asio::steady_timer> gate;  ///< queries wait until it is cancelled
};

/// A client that collects what it is sent while the io_context runs.
class client {
 public:
  client(asio::io_context& io, const tcp::endpoint& at) : state_(std::make_shared<state>(io)) {
    state_->socket.connect(at);
    receive(state_);
  }
  /// From an address of its own, as 127.0.0.2 is.
  client(asio::io_context& io, const tcp::endpoint& at, const std::string& from) : state_(std::make_shared<state>(io)) {
    state_->socket.open(at.protocol());
    state_->socket.bind({asio::ip::make_address(from), 0});
    state_->socket.connect(at);
    receive(state_);
  }

  void send(std::string_view bytes) { asio::write(state_->socket, asio::buffer(bytes)); }
  /// Like send, for more than the kernel takes at once; goes on while the io_context runs, stops at an error.
  void send_in_background(std::string bytes) {
    auto kept = std::make_shared<std::string>(std::move(bytes));
    asio::async_write(state_->socket, asio::buffer(*kept), [kept, s = state_](error_code, std::size_t) {});
  }
  void send_end() { state_->socket.shutdown(tcp::socket::shutdown_send); }
  void stop_reading() { state_->socket.cancel(); }
  void reset() {
    state_->socket.set_option(asio::socket_base::linger(true, 0));
    state_->socket.close();
  }

  const std::string& received() const { return state_->received; }
  bool ended() const { return state_->end.has_value(); }
  /// The server closed in order: no RST, which would have destroyed what was still on its way.
  bool ended_well() const { return state_->end == error_code(asio::error::eof); }

 private:
  struct state {
    explicit state(asio::io_context& io) : socket(io) {}
    tcp::socket socket;
    std::string received;
    std::optional<error_code> end;
    std::array<char, 65536> buffer;
  };

  static void receive(const std::shared_ptr<state>& s) {
    s->socket.async_read_some(asio::buffer(s->buffer), [s](error_code ec, std::size_t count) {
      s->received.append(s->buffer.data(), count);
      if (!ec) return receive(s);
      if (ec != asio::error::operation_aborted) s->end = ec;
    });
  }

  std::shared_ptr<state> state_;
};

class server_fixture : public testing::Test {
 protected:
  server_fixture() { told.gate.emplace(io, asio::steady_timer::time_point::max()); }
  ~server_fixture() override { told.gate.reset(); }

  tcp::acceptor listen() {
    return open_listener(io.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false).value();
  }

  void start(const limits& bounds = {}) { start_with({.bounds = bounds}); }

  void start_with(server_settings settings) {
    tested.emplace(listen(), told, std::move(settings));
    tested->start();
  }

  client connect() { return {io, tested->local_endpoint()}; }
  client connect_from(const std::string& address) { return {io, tested->local_endpoint(), address}; }

  bool run_until(const std::function<bool()>& happened) { return test::run_until(io, happened); }

  bool run_until_received(const client& peer, std::size_t bytes) {
    return run_until([&] { return peer.received().size() >= bytes || peer.ended(); }) &&
           peer.received().size() >= bytes;
  }

  bool run_until_ended(const client& peer) {
    return run_until([&] { return peer.ended(); });
  }

  /// A client that has asked and got this answer.
  client connect_and_get(health::answer wanted) {
    auto peer = connect();
    peer.send(get);
    EXPECT_TRUE(run_until_received(peer, expected(wanted).size()));
    return peer;
  }

  /// A client whose query, the last of so many, has reached the endpoint.
  client connect_and_query(int queries) {
    auto peer = connect();
    peer.send(get);
    EXPECT_TRUE(run_until([&] { return told.queries == queries; }));
    return peer;
  }

  /// Everything that a client gets which sends this and then ends its side; the server ends in order.
  std::string whole_answer(const std::string& bytes) {
    auto peer = connect();
    peer.send(bytes);
    peer.send_end();
    EXPECT_TRUE(run_until_ended(peer)) << bytes;
    EXPECT_TRUE(peer.ended_well()) << bytes;
    return peer.received();
  }

  /// A client sends this and gets exactly `wanted`; its connection stays open.
  void expect_answers(const std::string& bytes, const std::string& wanted) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_received(peer, wanted.size())) << bytes;
    EXPECT_EQ(peer.received(), wanted) << bytes;
    EXPECT_FALSE(peer.ended()) << bytes;
  }

  std::string expected(health::answer what, connection_header connection = connection_header::none, bool body = true) {
    return answers.render(what, connection, body);
  }
  std::string expected(refusal what, connection_header connection = connection_header::close) {
    return answers.render(what, connection, true);
  }

  scripted_endpoint told;
  const responses answers{{500, 500}};
  asio::io_context io{1};
  std::optional<server> tested;
};

}  // namespace sidecar::http
