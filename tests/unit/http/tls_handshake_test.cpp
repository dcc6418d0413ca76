#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tls_clients.hpp"
#include "unit/support/recording.hpp"

/// Handshakes that cannot succeed, as clients were recorded to begin them (tests/data/handshakes/README.md).
namespace sidecar::http {
namespace {

std::string recorded(const std::string& name) {
  std::ifstream file(std::string{SIDECAR_TEST_DATA} + "/handshakes/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>{file}, {}};
}

class FailedHandshake : public tls_fixture {
 protected:
  FailedHandshake() { start_tls({.linger = 20ms, .sweep = 5ms}); }

  /// What comes back, and then the end, in order.
  std::string answer_to(const std::string& hello) {
    auto peer = connect();
    peer.send(hello);
    EXPECT_TRUE(run_until_ended(peer));
    EXPECT_TRUE(peer.ended_well());
    return peer.received();
  }
};

constexpr char alert = 0x15;

/// Whoever sends the first takes an alert for up.
TEST_F(FailedHandshake, OfAVersionBelowTls12GetsNoByteNotEvenAnAlert) {
  for (const auto* const name : {"haproxy-ssl-hello-chk.bin", "ssl-3.0-short.bin"}) {
    testing::internal::CaptureStderr();
    const auto hello = recorded(name);
    ASSERT_FALSE(hello.empty());
    EXPECT_EQ(answer_to(hello), "") << name;
    const auto log = testing::internal::GetCapturedStderr();
    if (name == std::string{"ssl-3.0-short.bin"}) continue;  // the same warning is not given twice
    EXPECT_NE(log.find("TLS 1.2"), log.npos) << log;
    EXPECT_NE(log.find(" client=127.0.0.1\n"), log.npos) << log;
  }
}

TEST_F(FailedHandshake, ForACipherOrAProtocolEndsWithAnAlertAndAdviceOfItsOwn) {
  const struct {
    const char* name;
    const char* advice;
  } rows[] = {{"tls-1.2-rsa-certificates-only.bin", "no cipher or signature in common"},
              {"tls-1.2-alpn-h2.bin", "does not offer HTTP/1.1"}};
  for (const auto& row : rows) {
    testing::internal::CaptureStderr();
    const auto received = answer_to(recorded(row.name));
    EXPECT_EQ(received[0], alert) << row.name;
    const auto log = testing::internal::GetCapturedStderr();
    EXPECT_NE(log.find(row.advice), log.npos) << log;
    EXPECT_NE(log.find(" client=127.0.0.1\n"), log.npos) << log;
  }
}

/// As scanners do: nobody could be asked for its address any more.
TEST_F(FailedHandshake, OfAClientThatHasGoneNamesItsAddress) {
  testing::internal::CaptureStderr();
  {
    tcp::socket scanner(io);
    scanner.connect(tested->local_endpoint());
    scanner.send(asio::buffer(recorded("ssl-3.0-short.bin")));
    scanner.set_option(asio::socket_base::linger(true, 0));
  }
  EXPECT_TRUE(run_until([&] { return tested->connections() == 1; }));
  EXPECT_TRUE(run_until([&] { return tested->connections() == 0; }));
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(log.find("0.0.0.0"), log.npos) << log;
}

}  // namespace
}  // namespace sidecar::http
