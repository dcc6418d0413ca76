#include "sidecar/net/stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/net/tls_connection.hpp"
#include "support/api_server.hpp"
#include "support/certificates.hpp"
#include "unit/net/hello_requests.hpp"
#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds patience{50};

/// A listener whose queue of connections is full: the kernel drops every SYN, as a black hole does.
class black_hole {
 public:
  explicit black_hole(asio::io_context& context) : acceptor_(context), filler_(context) {
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

/// A listener, and the socket that it accepts.
class listener {
 public:
  explicit listener(asio::io_context& context)
      : acceptor_(context, {asio::ip::address_v4::loopback(), 0}), peer(context) {}
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  void accept() { acceptor_.accept(peer); }

 private:
  tcp::acceptor acceptor_;

 public:
  tcp::socket peer;
};

tcp::endpoint closed_port(asio::io_context& context) {
  const tcp::acceptor unused(context, {asio::ip::address_v4::loopback(), 0});
  return unused.local_endpoint();
}

class Stream : public testing::Test {
 protected:
  error_code connect(std::vector<tcp::endpoint> endpoints) {
    return test::run(context, plain->connect(std::move(endpoints), patience));
  }
  void connect_to(listener& server) {
    ASSERT_FALSE(connect({server.endpoint()}));
    server.accept();
  }
  std::pair<error_code, std::size_t> read() { return test::run(context, plain->read_some(asio::buffer(buffer))); }

  asio::io_context context{1};
  std::shared_ptr<stream> plain = std::make_shared<stream>(context.get_executor(), nullptr);
  std::array<char, 64> buffer{};
};

TEST_F(Stream, CarriesBytesBothWays) {
  listener server(context);
  connect_to(server);
  EXPECT_EQ(plain->peer(), server.endpoint());
  EXPECT_FALSE(test::run(context, plain->handshake("ignored without TLS")));
  EXPECT_FALSE(test::run(context, plain->write(asio::buffer("ping", 4))));
  EXPECT_EQ(server.peer.read_some(asio::buffer(buffer)), 4U);
  asio::write(server.peer, asio::buffer("answer", 6));
  EXPECT_EQ(read().second, 6U);
}

TEST_F(Stream, TriesTheNextAddressWhenOneRefuses) {
  listener server(context);
  ASSERT_FALSE(connect({closed_port(context), server.endpoint()}));
  EXPECT_EQ(plain->peer(), server.endpoint());
}

TEST_F(Stream, ReportsTheLastRefusal) {
  EXPECT_EQ(connect({closed_port(context), closed_port(context)}), asio::error::connection_refused);
  EXPECT_FALSE(plain->is_open());
}

TEST_F(Stream, HasNoAddressToConnectTo) { EXPECT_TRUE(connect({}).failed()); }

TEST_F(Stream, SilentAddressDoesNotKeepItFromTheNext) {
  black_hole silent(context);
  listener server(context);
  ASSERT_FALSE(connect({silent.endpoint(), server.endpoint()}));
  EXPECT_EQ(plain->peer(), server.endpoint());
}

TEST_F(Stream, SilentAddressIsTriedAgainUntilTheOwnerCloses) {
  black_hole silent(context);
  const auto connecting = test::start(context, plain->connect({silent.endpoint()}, patience));
  const auto begin = std::chrono::steady_clock::now();
  test::run_until(context, [&] { return std::chrono::steady_clock::now() - begin > 3 * patience; });
  EXPECT_FALSE(connecting->value) << "gave up by itself";
  silent.accept_one();
  ASSERT_TRUE(test::run_until(context, [&] { return connecting->value.has_value(); }));
  EXPECT_FALSE(*connecting->value);
  // The kernel repeats a SYN after a second; it was a connect of ours that came through.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 900ms);
}

TEST_F(Stream, CloseEndsAConnectThatHangs) {
  black_hole silent(context);
  const auto connecting = test::start(context, plain->connect({silent.endpoint()}, 1h));
  context.poll();
  plain->close();
  ASSERT_TRUE(test::run_until(context, [&] { return connecting->value.has_value(); }));
  EXPECT_TRUE(connecting->value->failed());
  EXPECT_FALSE(plain->is_open());
}

TEST_F(Stream, StaysClosedOnceItsOwnerHasClosedIt) {
  listener server(context);
  plain->close();
  EXPECT_TRUE(connect({server.endpoint()}).failed());
  EXPECT_FALSE(plain->is_open());
}

TEST_F(Stream, CloseEndsAReadThatHangs) {
  listener server(context);
  connect_to(server);
  const auto reading = test::start(context, plain->read_some(asio::buffer(buffer)));
  context.restart();
  context.poll();
  EXPECT_FALSE(reading->value);
  plain->close();
  ASSERT_TRUE(test::run_until(context, [&] { return reading->value.has_value(); }));
  EXPECT_TRUE(reading->value->first.failed());
}

TEST_F(Stream, IsQuietUntilThePeerSaysSomething) {
  listener server(context);
  connect_to(server);
  EXPECT_TRUE(plain->is_quiet());
  asio::write(server.peer, asio::buffer("unasked", 7));
  EXPECT_TRUE(test::run_until(context, [&] { return !plain->is_quiet(); }));
}

TEST_F(Stream, IsNotQuietWhenThePeerHasGone) {
  listener server(context);
  connect_to(server);
  server.peer.close();
  EXPECT_TRUE(test::run_until(context, [&] { return !plain->is_quiet(); }));
  plain->close();
  EXPECT_FALSE(plain->is_quiet());
}

class TlsStream : public Stream {
 protected:
  error_code shake_hands(const std::string& host, const std::string& ca) {
    secure = std::make_shared<stream>(context.get_executor(), *make_client_context(ca));
    EXPECT_FALSE(test::run(context, secure->connect({where()}, patience)));
    return test::run(context, secure->handshake(host));
  }

  tcp::endpoint where() const { return {asio::ip::make_address(server.address()), server.port()}; }
  void secure_it() { ASSERT_FALSE(shake_hands("127.0.0.1", server.ca())); }
  auto start_read() {
    auto reading = test::start(context, secure->read_some(asio::buffer(buffer)));
    context.restart();
    context.poll();
    EXPECT_FALSE(reading->value);
    return reading;
  }
  error_code write(const std::string& bytes) { return test::run(context, secure->write(asio::buffer(bytes))); }

  test::api_server server;
  std::shared_ptr<stream> secure;
};

TEST_F(TlsStream, KnowsItsPeerByAddressOrByName) {
  for (const std::string host : {"127.0.0.1", "::1", "kubernetes.default.svc"}) {
    EXPECT_FALSE(shake_hands(host, server.ca())) << host;
    EXPECT_EQ(secure->verification_failure(), "");
  }
}

TEST_F(TlsStream, SaysWhyItRefusedItsPeer) {
  EXPECT_TRUE(shake_hands("10.0.0.1", server.ca()).failed());
  EXPECT_EQ(secure->verification_failure(), "IP address mismatch");
  EXPECT_TRUE(shake_hands("elsewhere.svc", server.ca()).failed());
  EXPECT_EQ(secure->verification_failure(), "hostname mismatch");
  EXPECT_TRUE(shake_hands("127.0.0.1", test::certificate_authority{"other"}.pem()).failed());
  EXPECT_NE(secure->verification_failure(), "");
}

TEST_F(TlsStream, CarriesBytesBothWays) {
  secure_it();
  ASSERT_FALSE(write("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"));
  std::string got;
  while (!got.ends_with("}") && !got.ends_with("ok")) {
    const auto [failed, count] = test::run(context, secure->read_some(asio::buffer(buffer)));
    ASSERT_FALSE(failed) << failed.message() << " after " << got;
    ASSERT_GT(count, 0U);
    got.append(buffer.data(), count);
  }
  EXPECT_TRUE(got.starts_with("HTTP/1.1 ")) << got;
  EXPECT_TRUE(secure->is_quiet());
}

/// What OpenSSL has taken from the socket nobody will be woken for.
TEST_F(TlsStream, IsNotQuietWhileAReadLeavesSomethingBehind) {
  secure_it();
  ASSERT_FALSE(write("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"));
  const auto [failed, count] = test::run(context, secure->read_some(asio::buffer(buffer, 1)));
  ASSERT_FALSE(failed);
  EXPECT_EQ(count, 1U);
  EXPECT_FALSE(secure->is_quiet());
  EXPECT_EQ(test::run(context, secure->read_some(asio::buffer(buffer))).second, buffer.size());
}

TEST_F(TlsStream, CloseEndsAReadThatHangs) {
  secure_it();
  const auto reading = start_read();
  secure->close();
  ASSERT_TRUE(test::run_until(context, [&] { return reading->value.has_value(); }));
  EXPECT_TRUE(reading->value->first.failed());
}

TEST_F(TlsStream, CloseEndsAReadWhoseBytesAreThere) {
  secure_it();
  const auto reading = start_read();
  server.stop();  // which says goodbye
  ASSERT_TRUE(test::run_until(context, [&] { return !secure->is_quiet(); }) || reading->value);
  secure->close();
  ASSERT_TRUE(test::run_until(context, [&] { return reading->value.has_value(); }));
  EXPECT_TRUE(reading->value->first.failed());
}

TEST_F(TlsStream, DoesNothingOnceItIsClosed) {
  secure_it();
  secure->close();
  EXPECT_TRUE(write("x").failed());
  EXPECT_TRUE(test::run(context, secure->read_some(asio::buffer(buffer))).first.failed());
  EXPECT_TRUE(test::run(context, secure->handshake("127.0.0.1")).failed());
  EXPECT_FALSE(secure->is_quiet());
}

TEST_F(TlsStream, DoesNothingBeforeTheHandshake) {
  secure = std::make_shared<stream>(context.get_executor(), *make_client_context(server.ca()));
  ASSERT_FALSE(test::run(context, secure->connect({where()}, patience)));
  EXPECT_TRUE(write("not in the clear").failed());
  EXPECT_TRUE(test::run(context, secure->read_some(asio::buffer(buffer))).first.failed());
}

/// Its peer is in the hands of the test.
class TlsStreamToOurs : public TlsStream {
 protected:
  TlsStreamToOurs() : idle(context) {}

  void connect_to_ours() {
    secure = std::make_shared<stream>(context.get_executor(), *make_client_context(authority.pem()));
    ASSERT_FALSE(test::run(context, secure->connect({idle.endpoint()}, patience)));
    idle.accept();
    idle.peer.non_blocking(true);
  }
  void secure_with_ours() {
    connect_to_ours();
    const auto shown = authority.issue();
    const auto shaking = test::start(context, secure->handshake("127.0.0.1"));
    other.emplace(*make_server_context({shown.pem, shown.key}), idle.peer.native_handle(), "");
    ASSERT_TRUE(test::run_until(context, [&] { return other->handshake() == tls_connection::outcome::done; }));
    ASSERT_TRUE(test::run_until(context, [&] { return shaking->value.has_value(); }));
    ASSERT_FALSE(*shaking->value);
  }
  error_code shake_hands_with(const test::certificate& shown, const std::string& bundle) {
    listener another(context);
    secure = std::make_shared<stream>(context.get_executor(), *make_client_context(bundle));
    EXPECT_FALSE(test::run(context, secure->connect({another.endpoint()}, patience)));
    another.accept();
    another.peer.non_blocking(true);
    const auto shaking = test::start(context, secure->handshake("127.0.0.1"));
    tls_connection its(*make_server_context({shown.pem, shown.key}), another.peer.native_handle(), "");
    EXPECT_TRUE(test::run_until(context, [&] {
      its.handshake();
      return shaking->value.has_value();
    }));
    return *shaking->value;
  }
  auto start_write(const std::string& bytes) {
    auto writing = test::start(context, secure->write(asio::buffer(bytes)));
    context.restart();
    context.poll();
    EXPECT_FALSE(writing->value) << "it fits at once";
    return writing;
  }
  /// What has come.
  std::string read_by_other() {
    std::string all;
    std::array<char, 16'384> part;
    for (;;) {
      const auto [what, count] = other->read(asio::buffer(part));
      if (what != tls_connection::outcome::done) return all;
      all.append(part.data(), count);
    }
  }

  listener idle;
  const test::certificate_authority authority;
  std::optional<tls_connection> other;
};

// Which certificates are good is tested with those of Go's verifier (certificate_chains_test.cpp); here, that
// connections are held to it.
TEST_F(TlsStreamToOurs, TriesEachCaOfAName) {
  const auto old = test::certificate_authority::without_key_ids();
  const auto next = test::certificate_authority::without_key_ids();
  EXPECT_FALSE(shake_hands_with(next.issue(), old.pem() + next.pem()));
  EXPECT_FALSE(shake_hands_with(old.issue(), old.pem() + next.pem()));
  EXPECT_EQ(secure->verification_failure(), "");
  const auto unknown = test::certificate_authority::without_key_ids();
  EXPECT_TRUE(shake_hands_with(unknown.issue(), old.pem() + next.pem()).failed());
  EXPECT_TRUE(secure->verification_failure().starts_with("certificate signature failure: no certificate of its issuer"))
      << secure->verification_failure();
}

TEST_F(TlsStreamToOurs, TakesACertificateForAnyUsageAndNoneForClients) {
  EXPECT_FALSE(
      shake_hands_with(authority.issue({.extended_key_usage = "anyExtendedKeyUsage"}), authority.pem()).failed());
  EXPECT_TRUE(shake_hands_with(authority.issue({.extended_key_usage = "clientAuth"}), authority.pem()).failed());
  EXPECT_TRUE(secure->verification_failure().starts_with("unsuitable certificate purpose: its extended key usage"))
      << secure->verification_failure();
}

TEST_F(TlsStreamToOurs, WaitsForAPeerThatDoesNotReadUntilItIsClosed) {
  secure_with_ours();
  const std::string much(32'000'000, 'x');
  const auto writing = start_write(much);
  secure->close();
  ASSERT_TRUE(test::run_until(context, [&] { return writing->value.has_value(); }));
  EXPECT_TRUE(writing->value->failed());
}

TEST_F(TlsStreamToOurs, WritesMoreThanFitsAtOnce) {
  secure_with_ours();
  std::string much;
  for (int i = 0; much.size() < 16'000'000; ++i) much += std::to_string(i);
  const auto writing = start_write(much);
  std::string got;
  EXPECT_TRUE(test::run_until(context, [&] {
    got += read_by_other();
    return got.size() >= much.size();
  }));
  EXPECT_TRUE(got == much);
  ASSERT_TRUE(test::run_until(context, [&] { return writing->value.has_value(); }));
  EXPECT_FALSE(*writing->value);
}

/// Whoever answers in the API server's place, and never lets a handshake end.
TEST_F(TlsStreamToOurs, FloodInPlaceOfAHandshakeIsNotReadForEver) {
  connect_to_ours();
  const auto shaking = test::start(context, secure->handshake("127.0.0.1"));
  std::size_t sent = 0;
  int turns = 0;
  EXPECT_TRUE(test::run_until(context, [&] {
    error_code full;
    std::string rest;
    while (!full) {
      if (rest.empty()) rest = test::hello_requests();
      const auto count = idle.peer.write_some(asio::buffer(rest), full);
      rest.erase(0, count);
      sent += count;
    }
    ++turns;
    return shaking->value.has_value() || sent > 100'000'000;
  }));
  ASSERT_TRUE(shaking->value);
  EXPECT_EQ(*shaking->value, make_error_code(boost::system::errc::message_size)) << shaking->value->message();
  EXPECT_EQ(secure->tls_failure(), "a TLS handshake larger than any certificates make it");
  EXPECT_GE(turns, 4) << "nobody else had a turn";
}

TEST_F(TlsStream, SaysThatItsPeerWentInTheHandshake) {
  server.inject(test::reset_at(test::phase::handshake));
  const auto failed = shake_hands("127.0.0.1", server.ca());
  EXPECT_EQ(failed, asio::error::connection_reset) << failed.message();
  EXPECT_EQ(secure->verification_failure(), "");
  EXPECT_EQ(secure->tls_failure(), "");
}

}  // namespace
}  // namespace sidecar::net
