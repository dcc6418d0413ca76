#include "sidecar/net/peer_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class PeerSocket : public testing::Test {
 protected:
  PeerSocket() { peer.connect(acceptor.local_endpoint()); }

  peer_socket accept() {
    auto accepted = acceptor.accept();
    accepted.non_blocking(true);
    return {reactor, accepted.release()};
  }

  /// All that the peer gets, and how that ended.
  std::pair<std::string, error_code> received() {
    std::string all;
    error_code ended;
    asio::read(peer, asio::dynamic_buffer(all), ended);
    return {all, ended};
  }

  asio::io_context io{1};
  peer_reactor reactor{io.get_executor()};
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  tcp::socket peer{io};
};

TEST_F(PeerSocket, TellsOfNothingYetAndOfTheEnd) {
  auto tested = accept();
  std::array<char, 16> room{};
  error_code failed;
  EXPECT_EQ(tested.read_some(asio::buffer(room), failed), 0U);
  EXPECT_EQ(failed, asio::error::would_block);
  EXPECT_EQ(tested.available(), 0U);
  asio::write(peer, asio::buffer("abc", 3));
  EXPECT_EQ(tested.available(), 3U);
  failed = {};
  EXPECT_EQ(tested.read_some(asio::buffer(room), failed), 3U);
  EXPECT_FALSE(failed);
  peer.shutdown(tcp::socket::shutdown_send);
  EXPECT_EQ(tested.read_some(asio::buffer(room), failed), 0U);
  EXPECT_EQ(failed, asio::error::eof);
  EXPECT_EQ(tested.remote_endpoint(), peer.local_endpoint());
}

/// Closing with bytes unread sends RST and drops what has not left.
TEST_F(PeerSocket, WhatWasKeptBackForTheEndArrivesThoughThePeerHasSentMore) {
  {
    auto tested = accept();
    error_code failed;
    EXPECT_EQ(tested.write_some(asio::buffer("answer", 6), peer_socket::more::follows, failed), 6U);
    asio::write(peer, asio::buffer("more", 4));
    tested.shutdown_send(failed);
    EXPECT_FALSE(failed);
  }
  EXPECT_EQ(received().first, "answer");
}

TEST_F(PeerSocket, WhatWasKeptBackArrivesWithTheEnd) {
  {
    auto tested = accept();
    error_code failed;
    tested.write_some(asio::buffer("answer", 6), peer_socket::more::follows, failed);
    tested.shutdown_send(failed);
  }
  EXPECT_EQ(received(), std::pair(std::string("answer"), error_code(asio::error::eof)));
}

TEST_F(PeerSocket, IsClosedOnce) {
  auto tested = accept();
  auto moved = std::move(tested);
  EXPECT_TRUE(moved.is_open());
  moved.close();
  EXPECT_FALSE(moved.is_open());
  const auto other = acceptor.local_endpoint();  // its number may be taken by now
  moved.close();
  EXPECT_EQ(acceptor.local_endpoint(), other);
  EXPECT_EQ(received().second, asio::error::eof);
}

}  // namespace
}  // namespace sidecar::net
