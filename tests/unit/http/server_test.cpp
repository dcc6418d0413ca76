#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "server_fixture.hpp"
#include "sidecar/base/log.hpp"
#include "support/few_files.hpp"

namespace sidecar::http {
namespace {

class Server : public server_fixture {};

TEST_F(Server, StopsInOrder) {
  told.now.reset();
  start();
  auto idle = connect();
  idle.send("GET /livez HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until_received(idle, 1));
  auto waiting = connect_and_query(1);

  const auto at = tested->local_endpoint();
  tested->stop_accepting();
  told.draining = true;
  tested->close_idle();
  EXPECT_EQ(tested->connections(), 1u);
  tcp::socket late(io);
  error_code refused;
  late.connect(at, refused);
  EXPECT_EQ(refused, asio::error::connection_refused);

  told.gate->cancel();
  ASSERT_TRUE(run_until_received(waiting, expected(ready, connection_header::close).size()));
  EXPECT_EQ(tested->connections(), 1u);
  waiting.send_end();
  EXPECT_TRUE(run_until([&] { return tested->connections() == 0; }));
  EXPECT_TRUE(idle.ended_well());
}

TEST_F(Server, StoppingClosesConnectionsThatHaveSentNothingAndNoneThatIsAsking) {
  start();
  auto silent = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 1; }));
  auto sending = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 2; }));
  sending.send("GET /healthz HTTP/1.1\r\n");
  test::run_ready(io);
  auto unread = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 3; }));
  unread.send(get);

  tested->close_idle();
  EXPECT_EQ(tested->connections(), 2u);
  ASSERT_TRUE(run_until_ended(silent));
  EXPECT_TRUE(silent.ended_well());
  ASSERT_TRUE(run_until_received(unread, expected(ready).size()));
  sending.send("\r\n");
  EXPECT_TRUE(run_until_received(sending, expected(ready).size()));
}

TEST_F(Server, AcceptsAgainWhenFilesAreAvailableAgain) {
  start();
  // UBSan looks at an object's type once, and needs a file to do so: the loop's and the log's come first.
  io.poll();
  log::error("now no file is left");
  auto peer = connect();
  {
    const test::few_files none;
    peer.send(get);
    io.restart();
    io.run_for(50ms);
    EXPECT_EQ(tested->connections(), 0u);
  }
  EXPECT_TRUE(run_until_received(peer, expected(ready).size()));
}

TEST_F(Server, AnExceptionWithinIsABugThatEndsTheRun) {
  class broken final : public health_endpoint {
    std::optional<health::answer> answer_now(std::string_view) override { throw std::runtime_error("a bug"); }
    asio::awaitable<health::answer> answer(std::string) override { co_return ready; }
    bool is_draining() const override { return false; }
  } endpoint;
  tested.emplace(listen(), endpoint);
  tested->start();
  auto peer = connect();
  peer.send(get);
  EXPECT_THROW(run_until_ended(peer), std::runtime_error);
  io.stop();
  tested.reset();
}

TEST_F(Server, MayGoWhileConnectionsAreOpen) {
  told.now.reset();
  start();
  auto waiting = connect();
  waiting.send(get);
  auto sending = connect();
  sending.send("GET");
  auto idle = connect();
  idle.send("GET /livez HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until_received(idle, 1));
  ASSERT_TRUE(run_until([&] { return told.queries == 1 && tested->connections() == 3; }));
  io.stop();
  tested.reset();  // before the io_context, whose end ends the connections
}

}  // namespace
}  // namespace sidecar::http
