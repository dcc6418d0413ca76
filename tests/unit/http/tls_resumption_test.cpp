#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tls_clients.hpp"

namespace sidecar::http {
namespace {

/// A client that shows a certificate, keeps the ticket it is given, and comes back with it.
class returning_client {
 public:
  explicit returning_client(const test::certificate& shown, int version) {
    auto* native = context_.native_handle();
    ::SSL_CTX_set_min_proto_version(native, version);
    ::SSL_CTX_set_max_proto_version(native, version);
    context_.use_certificate_chain(asio::buffer(shown.pem));
    context_.use_private_key(asio::buffer(shown.key), asio::ssl::context::pem);
  }

  struct visit {
    bool answered = false;
    bool resumed = false;
  };

  /// One connection: handshake, a query, its answer.
  visit come(asio::io_context& io, const tcp::endpoint& at,
             const std::function<bool(const std::function<bool()>&)>& run) {
    stepwise client(io, context_, at, session_.get());
    visit made;
    run([&] { return client.goes_on(); });
    made.answered = client.received.starts_with("HTTP/1.1 200");
    made.resumed = ::SSL_session_reused(client.ssl.get()) == 1;
    if (made.answered) session_.reset(::SSL_get1_session(client.ssl.get()));
    ::SSL_set_shutdown(client.ssl.get(), SSL_SENT_SHUTDOWN);  // or OpenSSL takes the session for broken
    return made;
  }

 private:
  /// Blocks nobody: it does what can be done at once.
  struct stepwise {
    stepwise(asio::io_context& io, asio::ssl::context& context, const tcp::endpoint& at, SSL_SESSION* session)
        : socket(io), ssl(::SSL_new(context.native_handle()), &::SSL_free) {
      socket.connect(at);
      socket.non_blocking(true);
      ::SSL_set_fd(ssl.get(), socket.native_handle());
      if (session != nullptr) ::SSL_set_session(ssl.get(), session);
    }
    /// True once there is an answer, or there will be none.
    bool goes_on() {
      if (!secured) {
        const int done = ::SSL_connect(ssl.get());
        if (done != 1) return ended(done);
        secured = true;
        ::SSL_write(ssl.get(), get.data(), static_cast<int>(get.size()));
      }
      std::array<char, 1024> into{};
      const int count = ::SSL_read(ssl.get(), into.data(), into.size());
      if (count <= 0) return ended(count);
      received.append(into.data(), static_cast<std::size_t>(count));
      return true;
    }
    bool ended(int returned) {
      const int why = ::SSL_get_error(ssl.get(), returned);
      return why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
    }

    tcp::socket socket;
    std::unique_ptr<SSL, decltype(&::SSL_free)> ssl;
    bool secured = false;
    std::string received;
  };

  asio::ssl::context context_{asio::ssl::context::tls_client};
  std::unique_ptr<SSL_SESSION, decltype(&::SSL_SESSION_free)> session_{nullptr, &::SSL_SESSION_free};
};

class TlsResumption : public tls_fixture, public testing::WithParamInterface<int> {
 protected:
  net::server_identity identity_for(const test::certificate_authority& trusted) const {
    auto made = identity();
    made.client_ca = trusted.pem();
    return made;
  }
  returning_client::visit come() {
    return haproxy.come(io, tested->local_endpoint(), [this](const auto& happened) { return run_until(happened); });
  }

  const test::certificate_authority clients{"clients"};
  returning_client haproxy{clients.issue({.common_name = "haproxy", .extended_key_usage = "clientAuth"}), GetParam()};
};

TEST_P(TlsResumption, TakesATicketOfItsOwn) {
  start_tls({}, identity_for(clients));
  for (const bool again : {false, true, true}) {
    const auto visit = come();
    EXPECT_TRUE(visit.answered);
    EXPECT_EQ(visit.resumed, again);
  }
}

TEST_P(TlsResumption, ATicketFromBeforeAChangeOfTheClientCaOpensNothing) {
  start_tls({}, identity_for(clients));
  EXPECT_TRUE(come().answered);
  EXPECT_TRUE(come().resumed);
  context = net::make_server_context(identity_for(test::certificate_authority{"others"})).value();
  const auto refused = come();
  EXPECT_FALSE(refused.answered);
  EXPECT_FALSE(refused.resumed);
}

TEST_P(TlsResumption, ATicketFromBeforeAReloadCostsAFullHandshakeAndNoMore) {
  start_tls({}, identity_for(clients));
  EXPECT_TRUE(come().answered);
  context = net::make_server_context(identity_for(clients)).value();
  const auto visit = come();
  EXPECT_TRUE(visit.answered);
  EXPECT_FALSE(visit.resumed);
  EXPECT_TRUE(come().resumed);
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsResumption, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& one) { return one.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

}  // namespace
}  // namespace sidecar::http
