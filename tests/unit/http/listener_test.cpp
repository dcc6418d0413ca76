#include "sidecar/http/listener.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "support/few_files.hpp"

namespace sidecar::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

TEST(ConnectionCap, KeepsFilesForEverythingElse) {
  EXPECT_EQ(connection_cap(1'048'576), 1'024u);
  EXPECT_EQ(connection_cap(1'056), 1'024u);
  EXPECT_EQ(connection_cap(1'055), 1'023u);
  EXPECT_EQ(connection_cap(64), 32u);
  EXPECT_EQ(connection_cap(32), 1u);
  EXPECT_EQ(connection_cap(0), 1u);
}

TEST(OpenFiles, CanBeTooFewForMore) {
  const test::few_files two{2};
  EXPECT_TRUE(can_open(0));
  EXPECT_TRUE(can_open(2));
  EXPECT_FALSE(can_open(3));
  EXPECT_TRUE(can_open(2)) << "all were closed again";
}

TEST(OpenFileLimit, IsRaisedToTheHardLimit) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  auto low = before;
  low.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_open_file_limit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(OpenListener, TakesIpv4AndIpv6OnOneSocket) {
  asio::io_context io;
  auto opened = open_listener(io.get_executor(), asio::ip::make_address("::"), 0, true);
  ASSERT_TRUE(opened) << opened.error().message();
  if (opened->local_endpoint().address().is_v4()) GTEST_SKIP() << "this machine has no IPv6";
  const auto port = opened->local_endpoint().port();
  for (const char* address : {"127.0.0.1", "::1"}) {
    tcp::socket client(io);
    client.connect({asio::ip::make_address(address), port});
    EXPECT_NO_THROW(opened->accept()) << address;
  }
}

/// One that the listener has accepted.
tcp::socket accepted_socket(asio::io_context& io) {
  auto opened = open_listener(io.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false).value();
  tcp::socket client(io);
  client.connect(opened.local_endpoint());
  return opened.accept();
}

TEST(OpenListener, AcceptedSocketsSendAtOnce) {
  asio::io_context io;
  const auto accepted = accepted_socket(io);
  tcp::no_delay at_once;
  accepted.get_option(at_once);
  EXPECT_TRUE(at_once.value());
}

// The kernel takes twice what it is asked for and tells that; Asio halves what it tells.
TEST(OpenListener, AcceptedSocketsHaveBoundedBuffers) {
  asio::io_context io;
  const auto accepted = accepted_socket(io);
  tcp::socket::receive_buffer_size unread;
  tcp::socket::send_buffer_size untaken;
  accepted.get_option(unread);
  accepted.get_option(untaken);
  EXPECT_EQ(unread.value(), receive_buffer_bytes);
  EXPECT_EQ(untaken.value(), send_buffer_bytes);
}

TEST(OpenListener, DoesNotShareAPort) {
  asio::io_context io;
  const auto first = open_listener(io.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false);
  ASSERT_TRUE(first);
  const auto port = first->local_endpoint().port();
  const auto second = open_listener(io.get_executor(), asio::ip::make_address("127.0.0.1"), port, false);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), asio::error::address_in_use);
}

TEST(OpenListener, AnAddressThatWasWrittenDownIsNeverReplaced) {
  asio::io_context io;
  const auto opened = open_listener(io.get_executor(), asio::ip::make_address("2001:db8::1"), 0, true);
  ASSERT_FALSE(opened);
}

}  // namespace
}  // namespace sidecar::http
