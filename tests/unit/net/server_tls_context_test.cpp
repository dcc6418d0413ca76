#include "sidecar/net/server_tls_context.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <utility>

#include "sidecar/net/tls.hpp"
#include "support/certificates.hpp"

namespace sidecar::net {
namespace {

namespace ssl = boost::asio::ssl;

struct deleter {
  void operator()(SSL* one) const { ::SSL_free(one); }
};
using ssl_ptr = std::unique_ptr<SSL, deleter>;

/// A client and a server of OpenSSL's own, which hand each other their bytes in memory.
class ServerTlsContext : public testing::Test {
 protected:
  /// Until neither has anything more to say, or the server fails.
  void shake_hands(const server_identity& shown) { shake_hands(make_server_context(shown).value()); }
  void shake_hands(tls_context shown) {
    shown_ = std::move(shown);
    server.reset(::SSL_new(shown_->native_handle()));
    client.reset(::SSL_new(clients.native_handle()));
    auto* const to_server = ::BIO_new(::BIO_s_mem());
    auto* const to_client = ::BIO_new(::BIO_s_mem());
    ::BIO_up_ref(to_server);
    ::BIO_up_ref(to_client);
    ::SSL_set_bio(client.get(), to_client, to_server);
    ::SSL_set_bio(server.get(), to_server, to_client);
    failed = SSL_ERROR_WANT_READ;
    for (int turn = 0; turn < 10 && failed == SSL_ERROR_WANT_READ; ++turn) {
      ::SSL_connect(client.get());
      ::ERR_clear_error();
      failed = ::SSL_get_error(server.get(), ::SSL_accept(server.get()));
    }
    reason = ERR_GET_REASON(::ERR_peek_error());
    ::ERR_clear_error();
  }
  bool is_done() const { return ::SSL_is_init_finished(server.get()) == 1; }
  std::string sent_by_server() const {
    char* data = nullptr;
    const long size = BIO_get_mem_data(::SSL_get_wbio(server.get()), &data);
    return {data, static_cast<std::size_t>(size)};
  }

  const test::certificate mine = test::certificate_authority{"ca"}.issue();
  const server_identity identity{.certificate = mine.pem, .key = mine.key};
  ssl::context clients{ssl::context::tls_client};
  ssl_ptr client;
  ssl_ptr server;
  int failed = 0;  ///< SSL_ERROR_NONE: the server is done
  int reason = 0;  ///< why it is not

 private:
  tls_context shown_;
};

TEST_F(ServerTlsContext, GivesOneTicketThatLastsAnHourAndTakesNoEarlyData) {
  const auto made = make_server_context(identity).value();
  auto* const native = made->native_handle();
  EXPECT_EQ(::SSL_CTX_get_num_tickets(native), 1U);
  EXPECT_EQ(::SSL_CTX_get_timeout(native), 3'600);
  EXPECT_EQ(::SSL_CTX_get_max_early_data(native), 0U);
  EXPECT_EQ(::SSL_CTX_get_options(native) & SSL_OP_NO_TICKET, 0U);
  EXPECT_NE(::SSL_CTX_get_options(native) & SSL_OP_NO_RENEGOTIATION, 0U);
}

TEST_F(ServerTlsContext, HasTicketKeysOfItsOwn) {
  std::array<unsigned char, 80> one{}, other{};
  const auto first = make_server_context(identity).value(), second = make_server_context(identity).value();
  ASSERT_EQ(SSL_CTX_get_tlsext_ticket_keys(first->native_handle(), one.data(), one.size()), 1);
  ASSERT_EQ(SSL_CTX_get_tlsext_ticket_keys(second->native_handle(), other.data(), other.size()), 1);
  EXPECT_NE(one, other);
}

TEST_F(ServerTlsContext, SaysNothingToAClientOlderThanTls12) {
  ::SSL_CTX_set_max_proto_version(clients.native_handle(), TLS1_1_VERSION);
  ::SSL_CTX_set_min_proto_version(clients.native_handle(), TLS1_VERSION);
  ::SSL_CTX_set_security_level(clients.native_handle(), 0);
  shake_hands(identity);
  EXPECT_FALSE(is_done());
  EXPECT_EQ(failed, SSL_ERROR_WANT_CLIENT_HELLO_CB);
  EXPECT_EQ(sent_by_server(), "");
}

TEST_F(ServerTlsContext, SpeaksTls12AndTls13) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ::SSL_CTX_set_max_proto_version(clients.native_handle(), version);
    shake_hands(identity);
    EXPECT_TRUE(is_done());
    EXPECT_EQ(::SSL_version(server.get()), version);
  }
}

TEST_F(ServerTlsContext, AsksForAnotherKeyShareWhereTheFirstIsNotItsOwn) {
  ::SSL_CTX_set1_groups_list(clients.native_handle(), "X448:P-256");
  auto narrow = make_server_context(identity).value();
  ::SSL_CTX_set1_groups_list(narrow->native_handle(), "P-256");
  shake_hands(narrow);
  EXPECT_TRUE(is_done());
}

TEST_F(ServerTlsContext, TakesHttp11OfWhatIsOffered) {
  static constexpr std::array<unsigned char, 12> both{2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  ::SSL_CTX_set_alpn_protos(clients.native_handle(), both.data(), both.size());
  shake_hands(identity);
  ASSERT_TRUE(is_done());
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  ::SSL_get0_alpn_selected(client.get(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

TEST_F(ServerTlsContext, RefusesHttp2Alone) {
  static constexpr std::array<unsigned char, 3> http2{2, 'h', '2'};
  ::SSL_CTX_set_alpn_protos(clients.native_handle(), http2.data(), http2.size());
  shake_hands(identity);
  EXPECT_FALSE(is_done());
  EXPECT_EQ(reason, SSL_R_NO_APPLICATION_PROTOCOL);
}

/// The client shows a chain; the server asks for it.
class ClientChain : public ServerTlsContext {
 protected:
  /// In DER a certificate has three quarters of its PEM.
  void show_chain_of(std::size_t pem_bytes) {
    auto shown = authority.issue({.common_name = "haproxy", .extended_key_usage = "clientAuth"});
    while (shown.pem.size() < pem_bytes) shown.pem += authority.pem();
    clients.use_certificate_chain(boost::asio::buffer(shown.pem));
    clients.use_private_key(boost::asio::buffer(shown.key), ssl::context::pem);
    asking.client_ca = authority.pem();
  }

  const test::certificate_authority authority{"clients"};
  server_identity asking = identity;
};

TEST_F(ClientChain, OfNearly16KiBIsTaken) {
  show_chain_of(16'000);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ::SSL_CTX_set_max_proto_version(clients.native_handle(), version);
    shake_hands(asking);
    EXPECT_TRUE(is_done()) << version;
  }
}

TEST_F(ClientChain, OfMoreIsRefused) {
  show_chain_of(30'000);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    ::SSL_CTX_set_max_proto_version(clients.native_handle(), version);
    shake_hands(asking);
    EXPECT_FALSE(is_done()) << version;
    EXPECT_EQ(reason, SSL_R_EXCESSIVE_MESSAGE_SIZE) << version;
  }
}

}  // namespace
}  // namespace sidecar::net
