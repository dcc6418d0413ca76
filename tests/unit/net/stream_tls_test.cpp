#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/ssl.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/net/certificate_failure.hpp"
#include "sidecar/net/client_stream.hpp"
#include "sidecar/net/server_stream.hpp"
#include "support/certificates.hpp"
#include "unit/net/run.hpp"

/// Whom a client's stream trusts, and what it does where OpenSSL has more or less than the socket.
namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using testing::StartsWith;

class TlsStream : public testing::Test {
 protected:
  error_code handshake(const test::certificate& shown, const std::string& bundle,
                       const std::string& host = "127.0.0.1") {
    client = std::make_unique<client_stream>(context.get_executor());
    EXPECT_FALSE(test::run(context, client->connect(acceptor.local_endpoint())));
    server = std::make_unique<server_stream>(acceptor.accept());
    auto identity = make_server_context({.certificate = shown.pem, .key = shown.key});
    const auto by_server = test::start(context, server->handshake(*identity, {}));
    const auto failed = test::run(context, client->handshake(*make_client_context(bundle), host));
    if (failed) client->close();
    EXPECT_TRUE(test::run_until(context, [&] { return by_server->value.has_value(); }));
    return failed;
  }
  /// A client's handshake that has begun, and the other side's socket, which has said nothing yet.
  struct begun_handshake {
    asio::io_context& context;
    tcp::socket peer;
    std::shared_ptr<test::started<error_code>> work;

    error_code end() const {
      EXPECT_TRUE(test::run_until(context, [this] { return work->value.has_value(); }));
      return work->value.value_or(asio::error::fault);
    }
  };
  begun_handshake start_handshake() {
    client = std::make_unique<client_stream>(context.get_executor());
    EXPECT_FALSE(test::run(context, client->connect(acceptor.local_endpoint())));
    auto peer = acceptor.accept();
    auto work = test::start(context, client->handshake(*make_client_context(authority.pem()), "127.0.0.1"));
    test::run_ready(context);
    return {context, std::move(peer), std::move(work)};
  }
  std::string refusal() { return verification_failure(client->native_tls()); }
  auto start_read() {
    auto reading = test::start(context, client->read_some(asio::buffer(buffer)));
    test::run_ready(context);
    EXPECT_FALSE(reading->value);
    return reading;
  }

  const test::certificate_authority authority;
  asio::io_context context{1};
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  std::unique_ptr<client_stream> client;
  std::unique_ptr<server_stream> server;
  std::array<char, 4096> buffer{};
};

TEST_F(TlsStream, KnowsItsPeerByAddressOrByName) {
  for (const std::string host : {"127.0.0.1", "::1", "kubernetes.default.svc"}) {
    EXPECT_FALSE(handshake(authority.issue(), authority.pem(), host)) << host;
    EXPECT_EQ(refusal(), "");
  }
}

TEST_F(TlsStream, SaysWhyItRefusedItsPeer) {
  EXPECT_TRUE(handshake(authority.issue(), authority.pem(), "10.0.0.1").failed());
  EXPECT_EQ(refusal(), "IP address mismatch");
  EXPECT_TRUE(handshake(authority.issue(), authority.pem(), "elsewhere.svc").failed());
  EXPECT_EQ(refusal(), "hostname mismatch");
  EXPECT_TRUE(handshake(authority.issue(), test::certificate_authority{"other"}.pem()).failed());
  EXPECT_NE(refusal(), "");
}

// Which certificates are good is tested with those of Go's verifier (certificate_chains_test.cpp); here, that
// connections are held to it.
TEST_F(TlsStream, TriesEachCaOfAName) {
  const auto old = test::certificate_authority::without_key_ids();
  const auto next = test::certificate_authority::without_key_ids();
  EXPECT_FALSE(handshake(next.issue(), old.pem() + next.pem()));
  EXPECT_FALSE(handshake(old.issue(), old.pem() + next.pem()));
  EXPECT_EQ(refusal(), "");
  const auto unknown = test::certificate_authority::without_key_ids();
  EXPECT_TRUE(handshake(unknown.issue(), old.pem() + next.pem()).failed());
  EXPECT_THAT(refusal(), StartsWith("certificate signature failure: no certificate of its issuer"));
}

TEST_F(TlsStream, TakesACertificateForAnyUsageAndNoneForClients) {
  EXPECT_FALSE(handshake(authority.issue({.extended_key_usage = "anyExtendedKeyUsage"}), authority.pem()));
  EXPECT_TRUE(handshake(authority.issue({.extended_key_usage = "clientAuth"}), authority.pem()).failed());
  EXPECT_THAT(refusal(), StartsWith("unsuitable certificate purpose: its extended key usage"));
}

TEST_F(TlsStream, ThatThePeerBreaksOffIsAnEnd) {
  auto shaking = start_handshake();
  shaking.peer.read_some(asio::buffer(buffer));  // unread, it would make the end a reset
  shaking.peer.close();
  EXPECT_EQ(shaking.end(), asio::error::eof);
}

TEST_F(TlsStream, ThatNobodyAnswersExpires) {
  auto shaking = start_handshake();
  client->expire();
  EXPECT_EQ(shaking.end(), asio::error::timed_out);
}

TEST_F(TlsStream, ServerGoesOnFromWhatWasReadBefore) {
  auto shaking = start_handshake();
  const auto count = shaking.peer.read_some(asio::buffer(buffer, 100));
  server = std::make_unique<server_stream>(std::move(shaking.peer));
  const auto shown = authority.issue();
  auto identity = make_server_context({.certificate = shown.pem, .key = shown.key});
  EXPECT_FALSE(test::run(context, server->handshake(*identity, asio::buffer(buffer, count))));
  EXPECT_FALSE(shaking.end());
}

/// What a server sends to a ClientHello, in TLS 1.2, with its certificate spoiled: later versions encrypt it.
std::string unreadable_flight(SSL_CTX* context, std::string_view hello) {
  const std::unique_ptr<SSL, decltype(&::SSL_free)> server(::SSL_new(context), &::SSL_free);
  ::SSL_set_max_proto_version(server.get(), TLS1_2_VERSION);
  auto* const from = ::BIO_new_mem_buf(hello.data(), static_cast<int>(hello.size()));
  auto* const to = ::BIO_new(::BIO_s_mem());
  ::SSL_set_bio(server.get(), from, to);
  ::SSL_accept(server.get());
  char* bytes = nullptr;
  const auto size = ::BIO_get_mem_data(to, &bytes);
  std::string flight(bytes, static_cast<std::size_t>(size));
  unsigned char* der = nullptr;
  const auto length = ::i2d_X509(::SSL_CTX_get0_certificate(context), &der);
  const auto at = flight.find(std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(length)));
  ::OPENSSL_free(der);
  if (at == flight.npos) return {};
  flight[at + 4] = '\x31';  // where what is signed begins; it is a SEQUENCE, 0x30
  return flight;
}

TEST_F(TlsStream, SaysThatACertificateCannotBeRead) {
  auto shaking = start_handshake();
  const auto size = shaking.peer.read_some(asio::buffer(buffer));
  const auto shown = authority.issue();
  const auto identity = make_server_context({.certificate = shown.pem, .key = shown.key});
  const auto flight = unreadable_flight((*identity)->native_handle(), {buffer.data(), size});
  ASSERT_NE(flight, "");
  asio::write(shaking.peer, asio::buffer(flight));
  const auto failed = shaking.end();
  EXPECT_TRUE(is_unreadable_certificate(failed)) << failed.message();
}

TEST_F(TlsStream, WritesMoreThanFitsAtOnce) {
  ASSERT_FALSE(handshake(authority.issue(), authority.pem()));
  std::string much;
  for (int i = 0; much.size() < 16'000'000; ++i) much += std::to_string(i);
  const auto writing = test::start(context, client->write(asio::buffer(much)));
  test::run_ready(context);
  EXPECT_FALSE(writing->value) << "it fits at once";
  std::string got;
  while (got.size() < much.size()) {
    const auto [failed, count] = test::run(context, server->read_some(asio::buffer(buffer)));
    ASSERT_FALSE(failed) << failed.message();
    got.append(buffer.data(), count);
  }
  EXPECT_TRUE(got == much);
  ASSERT_TRUE(test::run_until(context, [&] { return writing->value.has_value(); }));
  EXPECT_FALSE(*writing->value);
}

TEST_F(TlsStream, CloseEndsAReadThatHangs) {
  ASSERT_FALSE(handshake(authority.issue(), authority.pem()));
  const auto reading = start_read();
  client->close();
  ASSERT_TRUE(test::run_until(context, [&] { return reading->value.has_value(); }));
  EXPECT_TRUE(reading->value->first.failed());
}

TEST_F(TlsStream, DoesNothingOnceItIsClosed) {
  ASSERT_FALSE(handshake(authority.issue(), authority.pem()));
  client->close();
  EXPECT_TRUE(test::run(context, client->write(asio::buffer("x", 1))).failed());
  EXPECT_TRUE(test::run(context, client->read_some(asio::buffer(buffer))).first.failed());
  EXPECT_FALSE(client->is_quiet());
  EXPECT_FALSE(client->has_input());
}

TEST_F(TlsStream, GoesOnAfterThePeerHasRenewedItsKeys) {
  ASSERT_FALSE(handshake(authority.issue(), authority.pem()));
  ASSERT_EQ(::SSL_key_update(server->native_tls(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
  EXPECT_FALSE(test::run(context, server->write(asio::buffer("x", 1))));
  EXPECT_EQ(test::run(context, client->read_some(asio::buffer(buffer))).second, 1U);
  EXPECT_TRUE(client->is_quiet());
  EXPECT_FALSE(test::run(context, client->write(asio::buffer("y", 1))));
  EXPECT_EQ(test::run(context, server->read_some(asio::buffer(buffer))).second, 1U);
}

}  // namespace
}  // namespace sidecar::net
