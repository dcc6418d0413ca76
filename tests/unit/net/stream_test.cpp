#include "sidecar/net/client_stream.hpp"
#include "sidecar/net/server_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <ostream>
#include <string>

#include "support/certificates.hpp"
#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Two streams that are connected to each other, plain or TLS.
class Streams : public testing::TestWithParam<bool> {
 protected:
  Streams() {
    acceptor.set_option(tcp::no_delay(true));  // what is accepted inherits it
    EXPECT_FALSE(test::run(context, client.connect(acceptor.local_endpoint())));
    server = std::make_unique<server_stream>(acceptor.accept());
    if (GetParam()) shake_hands();
  }

  void shake_hands() {
    auto trusted = make_client_context(authority.pem());
    auto shown = make_server_context({.certificate = certificate.pem, .key = certificate.key});
    const auto by_client = test::start(context, client.handshake(*trusted, "127.0.0.1"));
    const auto by_server = test::start(context, server->handshake(*shown, {}));
    EXPECT_TRUE(test::run_until(context, [&] { return by_client->value && by_server->value; }));
    EXPECT_FALSE(by_client->value.value_or(asio::error::fault));
    EXPECT_FALSE(by_server->value.value_or(asio::error::fault));
  }

  std::pair<error_code, std::string> read(stream& from) {
    const auto [failed, count] = test::run(context, from.read_some(asio::buffer(buffer)));
    return {failed, std::string(buffer.data(), count)};
  }
  error_code write(stream& into, const std::string& text) { return test::run(context, into.write(asio::buffer(text))); }
  /// Both begin before either goes on.
  template <class T>
  std::shared_ptr<test::started<T>> start(asio::awaitable<T> work) {
    auto begun = test::start(context, std::move(work));
    test::run_ready(context);
    return begun;
  }
  template <class T>
  T wait_for(const std::shared_ptr<test::started<T>>& work) {
    EXPECT_TRUE(test::run_until(context, [&] { return work->value.has_value(); }));
    return *work->value;
  }

  const test::certificate_authority authority;
  const test::certificate certificate = authority.issue();
  asio::io_context context{1};
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  client_stream client{context.get_executor()};
  std::unique_ptr<server_stream> server;
  std::array<char, 64> buffer{};
};

asio::awaitable<bool> end_output(stream& one) {
  co_await one.end_output();
  co_return true;
}

asio::awaitable<bool> finish(server_stream& one, std::size_t max_bytes) {
  co_await one.finish(max_bytes);
  co_return true;
}

TEST_P(Streams, CarryBytesBothWays) {
  EXPECT_FALSE(write(client, "ping"));
  EXPECT_EQ(read(*server), (std::pair{error_code{}, std::string{"ping"}}));
  EXPECT_FALSE(write(*server, "pong"));
  EXPECT_EQ(read(client).second, "pong");
  EXPECT_EQ(client.is_tls(), GetParam());
}

TEST_P(Streams, WriteAtOnceWhatTheKernelTakes) {
  const auto taken = server->write_now(asio::buffer("pong", 4));
  EXPECT_EQ(taken, GetParam() ? 0U : 4U) << "TLS has records to make";
  if (!GetParam()) {
    EXPECT_EQ(read(client).second, "pong");
  }
  server->close();
  EXPECT_EQ(server->write_now(asio::buffer("pong", 4)), 0U);
}

TEST_P(Streams, EndWithWhatWasWrittenBefore) {
  EXPECT_FALSE(write(*server, "bye"));
  const auto finished = start(finish(*server, 100));
  EXPECT_EQ(read(client).second, "bye");
  EXPECT_EQ(read(client).first, asio::error::eof);
  client.close();
  EXPECT_TRUE(wait_for(finished));
}

TEST_P(Streams, EndWithoutAGoodbye) {
  EXPECT_FALSE(write(*server, "x"));
  EXPECT_EQ(read(client).second, "x");  // session tickets come with it; unread, they would make the end a reset
  client.close();
  EXPECT_EQ(read(*server).first, asio::error::eof);
}

TEST_P(Streams, DropNoMoreThanTheyMay) {
  const auto finished = start(finish(*server, 1'000));
  EXPECT_FALSE(write(client, std::string(1'000, 'x')));
  EXPECT_FALSE(finished->value);
  EXPECT_FALSE(write(client, std::string(10'000, 'x')));
  EXPECT_TRUE(wait_for(finished));
}

TEST_P(Streams, ExpireEndsWhatIsUnderWayAndAllThatFollows) {
  const auto reading = start(server->read_some(asio::buffer(buffer)));
  EXPECT_FALSE(reading->value);
  server->expire();
  EXPECT_EQ(wait_for(reading).first, asio::error::timed_out);
  EXPECT_EQ(read(*server).first, asio::error::timed_out);
  EXPECT_EQ(write(*server, "late"), asio::error::timed_out);
  EXPECT_EQ(server->is_open(), !GetParam()) << "TLS cannot go on after half an operation";
}

TEST_P(Streams, ExpireEndsAWriteThatNobodyTakes) {
  const std::string much(50'000'000, 'x');
  const auto writing = start(server->write(asio::buffer(much)));
  EXPECT_FALSE(writing->value);
  server->expire();
  EXPECT_EQ(wait_for(writing), asio::error::timed_out);
}

TEST_P(Streams, ExpireEndsFinishing) {
  const auto finished = start(finish(*server, 100));
  EXPECT_FALSE(finished->value);
  server->expire();
  EXPECT_TRUE(wait_for(finished));
}

TEST_P(Streams, AreQuietUntilThePeerSends) {
  EXPECT_TRUE(client.is_quiet()) << "session tickets do not count";
  EXPECT_FALSE(write(*server, "x"));
  EXPECT_EQ(read(client).second, "x");
  EXPECT_TRUE(client.is_quiet());
  EXPECT_FALSE(write(*server, "y"));
  EXPECT_FALSE(client.is_quiet());
}

TEST_P(Streams, AreNotQuietWhileAReadLeavesSomethingBehind) {
  EXPECT_FALSE(write(*server, "ab"));
  EXPECT_EQ(test::run(context, client.read_some(asio::buffer(buffer, 1))).second, 1U);
  EXPECT_FALSE(client.is_quiet());
}

TEST_P(Streams, AreNotQuietOnceOneSideHasClosed) {
  EXPECT_TRUE(client.is_quiet());
  server->close();
  EXPECT_FALSE(client.is_quiet());
  client.close();
  EXPECT_FALSE(client.is_quiet());
}

INSTANTIATE_TEST_SUITE_P(All, Streams, testing::Bool(),
                         [](const auto& one) { return std::string{one.param ? "Tls" : "Plain"}; });

using PlainStreams = Streams;
INSTANTIATE_TEST_SUITE_P(Plain, PlainStreams, testing::Values(false));

TEST_P(PlainStreams, WhatIsWrittenBeforeTheEndComesWithIt) {
  EXPECT_EQ(server->write_now(asio::buffer("bye", 3), server_stream::following::end), 3U);
  const auto ended = start(end_output(*server));
  EXPECT_TRUE(wait_for(ended));
  EXPECT_EQ(read(client).second, "bye");
  EXPECT_EQ(read(client).first, asio::error::eof);
}

TEST_P(PlainStreams, WriteNothingAtOnceOnceTimeIsUp) {
  server->expire();
  EXPECT_EQ(server->write_now(asio::buffer("late", 4)), 0U);
}

TEST_P(PlainStreams, RenewedThereIsTimeToSayThatItWasUp) {
  server->expire();
  server->renew();
  EXPECT_FALSE(write(*server, "408"));
  EXPECT_EQ(read(client).second, "408");
}

TEST(StreamConnect, SaysWhyItCouldNot) {
  asio::io_context context{1};
  tcp::endpoint closed;
  {
    const tcp::acceptor unused(context, {asio::ip::address_v4::loopback(), 0});
    closed = unused.local_endpoint();
  }
  client_stream one{context.get_executor()};
  EXPECT_EQ(test::run(context, one.connect(closed)), asio::error::connection_refused);
  EXPECT_FALSE(one.is_open());
}

}  // namespace
}  // namespace sidecar::net
