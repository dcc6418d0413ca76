#include "sidecar/net/connect_in_turn.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds attempt_timeout{50};

/// A listener whose queue of connections is full: the kernel drops every SYN, as a black hole does.
class silent_listener {
 public:
  explicit silent_listener(asio::io_context& context) : acceptor_(context), filler_(context) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    filler_.connect(endpoint());
  }
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  /// Makes room for one connection.
  void accept_one() { acceptor_.accept(); }

 private:
  tcp::acceptor acceptor_;
  tcp::socket filler_;
};

class ConnectInTurn : public testing::Test {
 protected:
  using outcome = result<std::unique_ptr<client_stream>>;

  auto start(std::vector<tcp::endpoint> addresses, std::chrono::nanoseconds timeout = attempt_timeout) {
    return test::start(context, connect_in_turn(context.get_executor(), std::move(addresses), timeout, limit));
  }
  /// Of the connection that is made; the error where none is.
  std::pair<error_code, bool> connect(std::vector<tcp::endpoint> addresses) {
    const auto connecting = start(std::move(addresses));
    EXPECT_TRUE(test::run_until(context, [&] { return connecting->value.has_value(); }));
    auto& made = *connecting->value;
    return made ? std::pair{error_code{}, (*made)->is_open()} : std::pair{made.error(), false};
  }
  tcp::endpoint closed_port() {
    const tcp::acceptor unused(context, {asio::ip::address_v4::loopback(), 0});
    return unused.local_endpoint();
  }
  /// Whether a connection has come to it.
  static bool has_accepted(tcp::acceptor& server) {
    server.non_blocking(true);
    error_code none;
    server.accept(none);
    return !none;
  }

  asio::io_context context{1};
  deadline limit{context.get_executor()};
  tcp::acceptor listener{context, {asio::ip::address_v4::loopback(), 0}};
};

TEST_F(ConnectInTurn, TakesTheFirstAddress) {
  tcp::acceptor second{context, {asio::ip::address_v4::loopback(), 0}};
  EXPECT_EQ(connect({listener.local_endpoint(), second.local_endpoint()}), (std::pair{error_code{}, true}));
  EXPECT_TRUE(has_accepted(listener));
  EXPECT_FALSE(has_accepted(second));
}

TEST_F(ConnectInTurn, TriesTheNextAddressWhenOneRefuses) {
  EXPECT_TRUE(connect({closed_port(), listener.local_endpoint()}).second);
  EXPECT_TRUE(has_accepted(listener));
}

TEST_F(ConnectInTurn, ReportsTheLastRefusal) {
  EXPECT_EQ(connect({closed_port(), closed_port()}).first, asio::error::connection_refused);
}

TEST_F(ConnectInTurn, HasNoAddressToConnectTo) { EXPECT_TRUE(connect({}).first.failed()); }

TEST_F(ConnectInTurn, SilentAddressDoesNotKeepItFromTheNext) {
  const silent_listener silent(context);
  EXPECT_TRUE(connect({silent.endpoint(), listener.local_endpoint()}).second);
  EXPECT_TRUE(has_accepted(listener));
}

TEST_F(ConnectInTurn, SilentAddressIsTriedAgainFromAnotherPort) {
  silent_listener silent(context);
  const auto begin = std::chrono::steady_clock::now();
  const auto connecting = start({silent.endpoint()});
  test::run_until(context, [&] { return std::chrono::steady_clock::now() - begin > 3 * attempt_timeout; });
  EXPECT_FALSE(connecting->value) << "gave up by itself";
  silent.accept_one();
  ASSERT_TRUE(test::run_until(context, [&] { return connecting->value.has_value(); }));
  EXPECT_TRUE(connecting->value->has_value());
  // The kernel repeats a SYN after a second; it was a connect of ours that came through.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 900ms);
}

TEST_F(ConnectInTurn, DeadlineEndsAConnectThatHangs) {
  const silent_listener silent(context);
  const auto connecting = start({silent.endpoint(), listener.local_endpoint()}, 1h);
  context.poll();
  limit.expire();
  ASSERT_TRUE(test::run_until(context, [&] { return connecting->value.has_value(); }));
  EXPECT_EQ(connecting->value->error(), asio::error::timed_out);
  EXPECT_FALSE(has_accepted(listener)) << "there was no time for another";
}

TEST_F(ConnectInTurn, TriesNothingAfterItsDeadline) {
  limit.expire();
  EXPECT_TRUE(connect({listener.local_endpoint()}).first.failed());
  EXPECT_FALSE(has_accepted(listener));
}

}  // namespace
}  // namespace sidecar::net
