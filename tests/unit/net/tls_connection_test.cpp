#include "sidecar/net/tls_connection.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/net/certificate_failure.hpp"
#include "support/certificates.hpp"
#include "unit/net/hello_requests.hpp"

namespace sidecar::net {
namespace {

using outcome = tls_connection::outcome;

/// A client of OpenSSL's own on the other end of a pair of non-blocking sockets.
class TlsConnection : public testing::Test {
 protected:
  TlsConnection() {
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
    ::SSL_CTX_set_verify(client_context.get(), SSL_VERIFY_NONE, nullptr);
  }
  ~TlsConnection() override {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }

  server_identity identity() const { return {.certificate = shown.pem, .key = shown.key}; }

  void connect(const server_identity& with, const std::string& already_read = {}) {
    server.emplace(make_server_context(with).value(), ends[0], already_read);
    if (client) return;
    make_client();
  }
  void make_client() {
    client.reset(::SSL_new(client_context.get()));
    ::SSL_set_fd(client.get(), ends[1]);
    ::SSL_set_connect_state(client.get());
  }
  void use(const test::certificate& mine) {
    boost::asio::ssl::context wrapped(client_context.get());
    ::SSL_CTX_up_ref(client_context.get());
    wrapped.use_certificate_chain(boost::asio::buffer(mine.pem));
    wrapped.use_private_key(boost::asio::buffer(mine.key), boost::asio::ssl::context::pem);
  }

  /// The server's last word once both have nothing left to do.
  outcome shake_hands() {
    auto last = outcome::want_read;
    for (int turn = 0; turn < 20 && last == outcome::want_read; ++turn) {
      ::SSL_do_handshake(client.get());
      last = server->handshake();
    }
    ::SSL_do_handshake(client.get());
    return last;
  }

  std::string read_by_server() {
    std::array<char, 64> into{};
    const auto [what, count] = server->read(boost::asio::buffer(into));
    return what == outcome::done ? std::string(into.data(), count) : "";
  }
  std::string read_by_client() {
    std::array<char, 64> into{};
    std::size_t count = 0;
    return ::SSL_read_ex(client.get(), into.data(), into.size(), &count) == 1 ? std::string(into.data(), count) : "";
  }

  struct deleter {
    void operator()(SSL* one) const { ::SSL_free(one); }
    void operator()(SSL_CTX* one) const { ::SSL_CTX_free(one); }
  };
  const test::certificate_authority ca{"kubernetes"};
  test::certificate shown = ca.issue();
  std::array<int, 2> ends{-1, -1};
  std::unique_ptr<SSL_CTX, deleter> client_context{::SSL_CTX_new(::TLS_client_method())};
  std::unique_ptr<SSL, deleter> client;
  std::optional<tls_connection> server;
};

TEST_F(TlsConnection, CarriesBytesBothWays) {
  connect(identity());
  ASSERT_EQ(shake_hands(), outcome::done);
  ::SSL_write(client.get(), "ping", 4);
  EXPECT_EQ(read_by_server(), "ping");
  const auto [what, count] = server->write(boost::asio::buffer("pong", 4));
  EXPECT_EQ(what, outcome::done);
  EXPECT_EQ(count, 4u);
  EXPECT_EQ(read_by_client(), "pong");
  EXPECT_EQ(::SSL_session_reused(client.get()), 0);
}

TEST_F(TlsConnection, BytesThatWereReadBeforeComeFirst) {
  for (const std::size_t already : {std::size_t{1}, std::size_t{5}, std::size_t{4'096}}) {
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
    make_client();
    ::SSL_do_handshake(client.get());
    std::string first(already, '\0');
    first.resize(static_cast<std::size_t>(::recv(ends[0], first.data(), first.size(), 0)));
    server.emplace(make_server_context(identity()).value(), ends[0], first);
    EXPECT_EQ(shake_hands(), outcome::done) << already;
    client.reset();
    ::close(ends[0]);
    ::close(ends[1]);
    ends = {-1, -1};
  }
}

TEST_F(TlsConnection, WaitsForTheRestOfAnything) {
  connect(identity(), "\x16");
  EXPECT_EQ(server->handshake(), outcome::want_read);
  EXPECT_EQ(server->handshake(), outcome::want_read);
}

TEST_F(TlsConnection, WhatIsNoTlsFailsAndSaysSo) {
  connect(identity(), "\x16GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(server->handshake(), outcome::failed);
  EXPECT_NE(server->failure(), "");
}

TEST_F(TlsConnection, APeerThatGoesIsNoFailure) {
  connect(identity());
  ASSERT_EQ(shake_hands(), outcome::done);
  ::close(ends[1]);
  ends[1] = -1;
  std::array<char, 8> into{};
  EXPECT_EQ(server->read(boost::asio::buffer(into)).what, outcome::closed);
  EXPECT_EQ(server->failure(), "");
}

TEST_F(TlsConnection, APeerThatGoesInTheHandshakeIsNoFailure) {
  connect(identity(), "\x16");
  ::close(ends[1]);
  ends[1] = -1;
  EXPECT_EQ(server->handshake(), outcome::closed);
  EXPECT_EQ(server->failure(), "");
}

TEST_F(TlsConnection, WritingToAPeerThatIsGoneRaisesNoSignal) {
  connect(identity());
  ASSERT_EQ(shake_hands(), outcome::done);
  ::close(ends[1]);
  ends[1] = -1;
  EXPECT_EQ(server->write(boost::asio::buffer("x", 1)).what, outcome::closed);
  server->end();
}

TEST_F(TlsConnection, WaitsForAPeerThatDoesNotRead) {
  connect(identity());
  ASSERT_EQ(shake_hands(), outcome::done);
  const std::string block(16'000, 'x');
  auto last = outcome::done;
  for (int turn = 0; turn < 1'000 && last == outcome::done; ++turn)
    last = server->write(boost::asio::buffer(block)).what;
  EXPECT_EQ(last, outcome::want_write);
  while (!read_by_client().empty()) {
  }
  EXPECT_EQ(server->write(boost::asio::buffer(block)).what, outcome::done);
}

TEST_F(TlsConnection, RecordsWithoutDataAreReadOneAtATime) {
  connect(identity());
  ASSERT_EQ(shake_hands(), outcome::done);
  for (int i = 0; i < 50; ++i) {
    ::SSL_key_update(client.get(), SSL_KEY_UPDATE_NOT_REQUESTED);
    ASSERT_EQ(::SSL_do_handshake(client.get()), 1);
  }
  ::SSL_write(client.get(), "ping", 4);
  std::array<char, 8> into{};
  int turns = 0;
  auto got = server->read(boost::asio::buffer(into));
  for (; got.what == outcome::want_read && turns < 100; ++turns) got = server->read(boost::asio::buffer(into));
  EXPECT_EQ(got.what, outcome::done);
  EXPECT_GE(turns, 50) << "others must get their turn in between";
}

TEST_F(TlsConnection, EndsWithAWord) {
  connect(identity());
  ASSERT_EQ(shake_hands(), outcome::done);
  server->end();
  std::array<char, 8> into{};
  const int read = ::SSL_read(client.get(), into.data(), static_cast<int>(into.size()));
  EXPECT_EQ(::SSL_get_error(client.get(), read), SSL_ERROR_ZERO_RETURN);
}

TEST_F(TlsConnection, OnlyClientsOfTheClientCaAreTaken) {
  const test::certificate_authority clients{"clients"};
  const test::certificate_authority others{"others"};
  auto with = identity();
  with.client_ca = clients.pem();
  const auto outcome_for = [&](const test::certificate_authority* issuer, const std::string& usage = "clientAuth") {
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
    client_context.reset(::SSL_CTX_new(::TLS_client_method()));
    if (issuer != nullptr) use(issuer->issue({.common_name = "haproxy", .extended_key_usage = usage}));
    client.reset();
    connect(with);
    const auto last = shake_hands();
    client.reset();
    ::close(ends[0]);
    ::close(ends[1]);
    ends = {-1, -1};
    return last;
  };
  EXPECT_EQ(outcome_for(&clients), outcome::done);
  EXPECT_EQ(outcome_for(&clients, "anyExtendedKeyUsage"), outcome::done);
  EXPECT_EQ(outcome_for(&clients, "serverAuth"), outcome::failed);
  EXPECT_NE(server->failure().find("unsuitable certificate purpose"), std::string::npos) << server->failure();
  EXPECT_EQ(outcome_for(&others), outcome::failed);
  EXPECT_EQ(server->failure(), "certificate verify failed: unable to get local issuer certificate");
  EXPECT_EQ(outcome_for(nullptr), outcome::failed);
  EXPECT_NE(server->failure().find("did not return a certificate"), std::string::npos) << server->failure();
}

TEST_F(TlsConnection, TakesALongChainOfAClient) {
  const test::certificate_authority clients{"clients"};
  auto mine = clients.issue({.common_name = "haproxy", .extended_key_usage = "clientAuth"});
  while (mine.pem.size() < 16'000) mine.pem += clients.pem();  // in DER three quarters of that
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
    client_context.reset(::SSL_CTX_new(::TLS_client_method()));
    ::SSL_CTX_set_max_proto_version(client_context.get(), version);
    use(mine);
    client.reset();
    connect({.certificate = shown.pem, .key = shown.key, .client_ca = clients.pem()});
    EXPECT_EQ(shake_hands(), outcome::done) << version << server->failure();
    client.reset();
    ::close(ends[0]);
    ::close(ends[1]);
    ends = {-1, -1};
  }
}

/// Both sides are ours.
class TlsClient : public TlsConnection {
 protected:
  void connect_ours(const test::certificate_authority& trusted) {
    server.emplace(make_server_context(identity()).value(), ends[0], "");
    ours.emplace(make_client_context(trusted.pem()).value(), ends[1]);
    ASSERT_TRUE(expect_peer(ours->native_handle(), "127.0.0.1"));
  }
  /// The client's last word.
  outcome shake() {
    auto last = outcome::want_read;
    for (int turn = 0; turn < 20 && last == outcome::want_read; ++turn) {
      last = ours->handshake();
      server->handshake();
    }
    return last;
  }
  std::string read_ours(std::size_t most) {
    std::array<char, 64> into{};
    const auto [what, count] = ours->read(boost::asio::buffer(into.data(), most));
    return what == outcome::done ? std::string(into.data(), count) : "";
  }
  void hang_up() {
    ::close(ends[0]);
    ends[0] = -1;
  }

  std::optional<tls_connection> ours;
};

TEST_F(TlsClient, CarriesBytesBothWaysAndKnowsWhatIsLeft) {
  connect_ours(ca);
  ASSERT_EQ(shake(), outcome::done) << ours->failure();
  EXPECT_EQ(ours->write(boost::asio::buffer("ping", 4)).what, outcome::done);
  EXPECT_EQ(read_by_server(), "ping");
  EXPECT_FALSE(ours->has_pending());
  server->write(boost::asio::buffer("pong", 4));
  server->write(boost::asio::buffer("more", 4));
  EXPECT_EQ(read_ours(1), "p");
  EXPECT_TRUE(ours->has_pending());
  EXPECT_EQ(read_ours(64), "ong");
  EXPECT_TRUE(ours->has_pending()) << "both records came in one system call";
  EXPECT_EQ(read_ours(64), "more");
  EXPECT_FALSE(ours->has_pending());
}

TEST_F(TlsClient, ReadsALargeFlightOfTheServers) {
  const test::certificate_authority issuer{"chain"};
  shown = issuer.issue();
  while (shown.pem.size() < 110'000) shown.pem += issuer.pem();  // in DER three quarters of that
  connect_ours(issuer);
  EXPECT_EQ(shake(), outcome::done) << ours->failure();
}

class HelloRequests : public TlsClient {
 protected:
  /// As many as the socket takes; their bytes.
  std::size_t send() {
    std::size_t all = 0;
    for (;;) {
      const auto count = ::send(ends[0], flood.data(), flood.size(), MSG_NOSIGNAL);
      if (count <= 0) return all;
      all += static_cast<std::size_t>(count);
      if (static_cast<std::size_t>(count) < flood.size()) flood = flood.substr(static_cast<std::size_t>(count)) + flood;
    }
  }
  std::size_t unread() const {
    int count = 0;
    ::ioctl(ends[1], FIONREAD, &count);
    return static_cast<std::size_t>(count);
  }

  std::string flood = test::hello_requests();
};

TEST_F(HelloRequests, LetOthersHaveTheirTurnAndAreNotTakenForEver) {
  connect_ours(ca);
  std::size_t sent = 0;
  std::size_t taken = 0;
  int calls = 0;
  auto last = ours->handshake();
  for (; last == outcome::want_read && calls < 100; ++calls) {
    sent += send();
    ASSERT_GT(sent, taken + 64 * 1024) << "too little to tell";
    last = ours->handshake();
    EXPECT_LE(sent - unread() - taken, 64U * 1024);
    taken = sent - unread();
  }
  EXPECT_EQ(last, outcome::failed);
  EXPECT_EQ(ours->failure(), "a TLS handshake larger than any certificates make it");
  EXPECT_EQ(ours->error(), make_error_code(boost::system::errc::message_size));
  EXPECT_GE(calls, 4);
  EXPECT_LE(taken, 320U * 1024);
}

TEST_F(TlsClient, SaysWhyItFailed) {
  const test::certificate_authority other{"other"};
  connect_ours(other);
  EXPECT_EQ(shake(), outcome::failed);
  EXPECT_EQ(ours->error().message(), "certificate verify failed (SSL routines)");
  EXPECT_NE(ours->failure(), "");
}

/// What a server sends to a ClientHello.
std::string flight_of(SSL_CTX* context, std::string_view hello) {
  const std::unique_ptr<SSL, decltype(&::SSL_free)> server(::SSL_new(context), &::SSL_free);
  auto* const from = ::BIO_new_mem_buf(hello.data(), static_cast<int>(hello.size()));
  auto* const to = ::BIO_new(::BIO_s_mem());
  ::SSL_set_bio(server.get(), from, to);
  ::SSL_accept(server.get());
  char* bytes = nullptr;
  const auto size = ::BIO_get_mem_data(to, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

TEST_F(TlsClient, SaysThatACertificateCannotBeRead) {
  connect_ours(ca);
  ::SSL_set_max_proto_version(ours->native_handle(), TLS1_2_VERSION);  // later ones encrypt it
  ASSERT_EQ(ours->handshake(), outcome::want_read);
  std::array<char, 4096> hello{};
  const auto size = ::recv(ends[0], hello.data(), hello.size(), 0);
  ASSERT_GT(size, 0);
  const auto context = make_server_context(identity()).value();
  auto flight = flight_of(context->native_handle(), {hello.data(), static_cast<std::size_t>(size)});
  unsigned char* der = nullptr;
  const auto length = ::i2d_X509(::SSL_CTX_get0_certificate(context->native_handle()), &der);
  const auto at = flight.find(std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(length)));
  OPENSSL_free(der);
  ASSERT_NE(at, flight.npos);
  flight[at + 4] = '\x31';  // where what is signed begins; it is a SEQUENCE, 0x30
  ::send(ends[0], flight.data(), flight.size(), MSG_NOSIGNAL);
  EXPECT_EQ(ours->handshake(), outcome::failed);
  EXPECT_NE(ours->failure().find(unreadable_certificate), std::string::npos) << ours->failure();
}

TEST_F(TlsClient, SaysHowThePeerWent) {
  connect_ours(ca);
  ASSERT_EQ(shake(), outcome::done);
  server->end();
  std::array<char, 8> into{};
  EXPECT_EQ(ours->read(boost::asio::buffer(into)).what, outcome::closed);
  EXPECT_EQ(ours->error(), boost::asio::error::eof);
}

TEST_F(TlsClient, SaysThatAStreamWasCutOff) {
  connect_ours(ca);
  ASSERT_EQ(shake(), outcome::done);
  hang_up();
  std::array<char, 8> into{};
  EXPECT_EQ(ours->read(boost::asio::buffer(into)).what, outcome::closed);
  EXPECT_EQ(ours->error(), boost::asio::ssl::error::stream_truncated);
  EXPECT_EQ(ours->write(boost::asio::buffer("x", 1)).what, outcome::closed);
  EXPECT_EQ(ours->error(), boost::asio::error::broken_pipe);
}

/// A client whose first key share the server does not take, and which pads its second ClientHello.
class SecondClientHello : public TlsConnection {
 protected:
  outcome shake_hands_padding(std::size_t size) {
    padding.assign(size, 'p');
    ::SSL_CTX_set1_groups_list(client_context.get(), "X25519:P-256");
    ::SSL_CTX_add_custom_ext(client_context.get(), 65'000, SSL_EXT_CLIENT_HELLO, pad, nullptr, this, nullptr, nullptr);
    const auto context = make_server_context(identity()).value();
    ::SSL_CTX_set1_groups_list(context->native_handle(), "P-256");
    server.emplace(context, ends[0], "");
    make_client();
    const auto last = shake_hands();
    EXPECT_EQ(hellos, 2);
    return last;
  }

  static int pad(SSL*, unsigned, unsigned, const unsigned char** bytes, std::size_t* size, X509*, std::size_t, int*,
                 void* of) {
    auto& self = *static_cast<SecondClientHello*>(of);
    if (++self.hellos < 2) return 0;
    *bytes = reinterpret_cast<const unsigned char*>(self.padding.data());
    *size = self.padding.size();
    return 1;
  }

  std::string padding;
  int hellos = 0;
};

TEST_F(SecondClientHello, IsTaken) { EXPECT_EQ(shake_hands_padding(7'000), outcome::done); }

TEST_F(SecondClientHello, IsRefusedIfItIsLargerThanTheFirstMayBe) {
  EXPECT_EQ(shake_hands_padding(8'192), outcome::failed);
  EXPECT_EQ(server->failure(), "a ClientHello larger than any load balancer's");
}

TEST_F(TlsConnection, TakesHttp11OfWhatIsOfferedAndRefusesHttp2Alone) {
  static constexpr std::array<unsigned char, 12> both{2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  ::SSL_CTX_set_alpn_protos(client_context.get(), both.data(), both.size());
  connect(identity());
  ASSERT_EQ(shake_hands(), outcome::done);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  ::SSL_get0_alpn_selected(client.get(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST_F(TlsConnection, RefusesHttp2Alone) {
  static constexpr std::array<unsigned char, 3> http2{2, 'h', '2'};
  ::SSL_CTX_set_alpn_protos(client_context.get(), http2.data(), http2.size());
  connect(identity());
  EXPECT_EQ(shake_hands(), outcome::failed);
}

TEST_F(TlsConnection, RefusesWhatIsOlderThanTls12) {
  ::SSL_CTX_set_max_proto_version(client_context.get(), TLS1_1_VERSION);
  ::SSL_CTX_set_security_level(client_context.get(), 0);
  connect(identity());
  EXPECT_EQ(shake_hands(), outcome::failed);
}

}  // namespace
}  // namespace sidecar::net
