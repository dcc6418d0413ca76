#include "sidecar/kube/api_endpoint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "support/api_server.hpp"
#include "support/black_hole.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/net/hello_requests.hpp"
#include "unit/net/run.hpp"

/// How a connection to the API server is made. That several addresses are tried in turn is tested in
/// unit/net/connect_in_turn_test.cpp.
namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;
using health::reason;

class ApiEndpoint : public testing::Test {
 protected:
  void use(bool tls, const std::string& host, std::uint16_t port) {
    const api_client_settings settings{
        .url = {tls, host, port}, .pod = {"demo", "game-0"}, .timeout = timeout, .user_agent = "me/1"};
    endpoint = std::make_unique<api_endpoint>(context.get_executor(), settings, credentials);
  }

  static asio::awaitable<api_endpoint::connected> connect(ApiEndpoint& self) {
    const net::deadline limit(self.context.get_executor(), self.timeout);
    co_return co_await self.endpoint->connect(limit, self.where);
  }
  auto start() { return test::start(context, connect(*this)); }

  /// Empty: it is connected.
  std::string failure_of(const api_endpoint::connected& outcome) {
    const auto* refused = std::get_if<api_endpoint::refusal>(&outcome);
    if (refused == nullptr) return {};
    why = refused->problem.why;
    is_untrusted = refused->is_untrusted;
    return refused->problem.detail.empty() ? "without a word" : refused->problem.detail;
  }
  std::string finish(const std::shared_ptr<test::started<api_endpoint::connected>>& connecting) {
    EXPECT_TRUE(test::run_until(context, [&] { return connecting->value || connecting->error; }));
    return connecting->value ? failure_of(*connecting->value) : "not ended";
  }
  std::string try_to_connect() { return finish(start()); }

  test::api_server server{test::api_server::options{}};
  test::temp_dir directory;
  test::service_account_files files{directory.path() / "sa", server.add_token(), server.ca(), "demo"};
  service_account credentials{files.path().string()};
  asio::io_context context{1};
  std::chrono::milliseconds timeout{5000};
  call_phase where{};
  reason why = reason::draining;
  bool is_untrusted = false;
  std::unique_ptr<api_endpoint> endpoint;
};

TEST_F(ApiEndpoint, SecuresItsConnection) {
  for (const std::string host : {"127.0.0.1", "localhost", "localhost."}) {
    use(true, host, server.port());
    EXPECT_EQ(try_to_connect(), "") << host;
    EXPECT_EQ(where, call_phase::tls_handshake);
  }
}

TEST_F(ApiEndpoint, SaysWhichCaBundleTheServerWasVerifiedAgainst) {
  use(true, "127.0.0.1", server.port());
  const auto first = start();
  EXPECT_EQ(finish(first), "");
  EXPECT_EQ(std::get<api_endpoint::connection>(*first->value).ca_generation, credentials.ca_generation());
  server.inject(test::times(1, test::pause_at(test::phase::handshake, 200ms)));
  where = call_phase::lookup;
  const auto second = start();
  ASSERT_TRUE(
      test::run_until(context, [&] { return where == call_phase::tls_handshake && server.faults_left() == 0; }));
  files.rotate("token", server.replace_authority());
  ASSERT_TRUE(credentials.refresh_ca());
  EXPECT_EQ(finish(second), "");
  EXPECT_EQ(std::get<api_endpoint::connection>(*second->value).ca_generation, credentials.ca_generation() - 1);
}

TEST_F(ApiEndpoint, NeedsACaBundleForTls) {
  files.rotate("token", "");
  use(true, "127.0.0.1", server.port());
  EXPECT_EQ(try_to_connect(), "there is no usable CA bundle");
  EXPECT_EQ(why, reason::api_untrusted);
  EXPECT_EQ(server.counts().accepted, 0U);
}

TEST_F(ApiEndpoint, SaysWhyThereIsNoConnection) {
  const std::tuple<std::string, test::fault, reason, std::string> rows[] = {
      {"127.0.0.1", test::with_flaw(test::tls_flaw::wrong_name), reason::api_untrusted,
       "the API server's certificate was refused: IP address mismatch"},
      {"localhost", test::with_flaw(test::tls_flaw::wrong_name), reason::api_untrusted,
       "the API server's certificate was refused: hostname mismatch"},
      {"127.0.0.1", test::reset_at(test::phase::handshake), reason::api_unreachable,
       "TLS handshake: Connection reset by peer"},
      {"127.0.0.1", test::refuse(), reason::api_unreachable, "connecting: Connection refused"},
      {"localhost", test::refuse(), reason::api_unreachable, "connecting: Connection refused"}};
  for (const auto& [host, trouble, expected_why, words] : rows) {
    server.inject(trouble);
    use(true, host, server.port());
    EXPECT_EQ(try_to_connect(), words) << host;
    EXPECT_EQ(why, expected_why);
    EXPECT_EQ(is_untrusted, expected_why == reason::api_untrusted) << "a newer CA bundle may help";
    server.clear_faults();
  }
}

TEST_F(ApiEndpoint, NamesTheHostWithoutItsFinalDotNorTheUsualPortAndShowsTheTokenOnlyOverTls) {
  credentials.refresh_token();
  const auto bearer = "Authorization: Bearer " + credentials.token() + "\r\n";
  const auto request = [](const std::string& host, const std::string& token) {
    return "GET /x HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: me/1\r\nAccept: application/json\r\n" + token + "\r\n";
  };
  use(true, "kubernetes.default.svc.", 443);
  EXPECT_EQ(endpoint->render("/x"), request("kubernetes.default.svc", bearer));
  use(true, "10.96.0.1", 6443);
  EXPECT_EQ(endpoint->render("/x"), request("10.96.0.1:6443", bearer));
  use(false, "fd00::1", 80);
  EXPECT_EQ(endpoint->render("/x"), request("[fd00::1]", ""));
}

TEST_F(ApiEndpoint, SilentAddressIsTriedUntilTimeIsUp) {
  server.stop();
  timeout = 600ms;
  const test::black_hole silent(server.port());
  use(true, "127.0.0.1", server.port());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(try_to_connect(), "no complete response within 600 ms; stopped while connecting");
  EXPECT_EQ(why, reason::api_timeout);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 600ms);
}

TEST_F(ApiEndpoint, DeadlineThatHasPassedLeavesNothingToTry) {
  use(true, "localhost", server.port());
  net::deadline limit(context.get_executor());
  limit.expire();
  EXPECT_NE(failure_of(test::run(context, endpoint->connect(limit, where))), "");
  EXPECT_EQ(why, reason::api_timeout);
  EXPECT_EQ(net::resolver_cache::pending_lookups(), 0U);
  EXPECT_EQ(server.counts().accepted, 0U);
}

/// A server in the test's hands.
class ApiEndpointToOurs : public ApiEndpoint {
 protected:
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  std::uint16_t port = acceptor.local_endpoint().port();
};

TEST_F(ApiEndpointToOurs, PlainConnectionIsMadeAtOnce) {
  use(false, "127.0.0.1", port);
  const auto connecting = start();
  EXPECT_EQ(finish(connecting), "");
  const auto& made = std::get<api_endpoint::connection>(*connecting->value);
  EXPECT_FALSE(made.stream->is_tls());
  EXPECT_TRUE(made.stream->is_quiet());
}

/// What responds in the API server's place, and never lets a handshake end.
TEST_F(ApiEndpointToOurs, FloodInPlaceOfAHandshakeEndsWithTheDeadline) {
  timeout = 400ms;
  use(true, "127.0.0.1", port);
  const auto connecting = start();
  context.poll();
  auto peer = acceptor.accept();
  peer.non_blocking(true);
  int turns = 0;
  std::string rest;
  EXPECT_TRUE(test::run_until(context, [&] {
    error_code failed;
    while (!failed) {
      if (rest.empty()) rest = test::hello_requests();
      rest.erase(0, peer.write_some(asio::buffer(rest), failed));
    }
    ++turns;
    return connecting->value.has_value();
  }));
  ASSERT_TRUE(connecting->value);
  EXPECT_EQ(failure_of(*connecting->value), "no complete response within 400 ms; stopped while in the TLS handshake");
  EXPECT_GE(turns, 4) << "nothing else had a turn";
}

}  // namespace
}  // namespace sidecar::kube
