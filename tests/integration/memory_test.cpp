#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "daemon.hpp"
#include "support/certificates.hpp"
#include "support/memory_cgroup.hpp"
#include "support/vitals.hpp"

/// What the manifests of deploy/ allow the container: 32 MiB, in which sockets' memory counts.
namespace sidecar::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t container_limit = 32 * 1024 * 1024;
constexpr int tls_connections = 128;                // http/limits.hpp
constexpr std::size_t max_pem = 16 * 1024 * 4 / 3;  // net/server_tls_context.cpp, in PEM

/// A load balancer that keeps a TLS connection and shows a certificate.
class tls_balancer {
 public:
  tls_balancer(asio::ssl::context& context, std::uint16_t port) : stream_(io_, context) {
    stream_.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.handshake(asio::ssl::stream_base::client);
  }
  /// The status line.
  std::string ask() {
    asio::write(stream_, asio::buffer("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", 35));
    std::string head;
    const auto size = asio::read_until(stream_, asio::dynamic_buffer(head), "\r\n\r\n");
    const auto body = head.substr(size);
    const auto length = std::stoul(head.substr(head.find("Content-Length: ") + 16));
    std::string rest(length - body.size(), '\0');
    asio::read(stream_, asio::buffer(rest));
    return head.substr(0, head.find("\r\n"));
  }

 private:
  asio::io_context io_;
  asio::ssl::stream<tcp::socket> stream_;
};

enum class shape { one, many };

class Memory : public watch_fixture, public testing::WithParamInterface<shape> {
 protected:
  void SetUp() override {
    if (under_sanitizer) GTEST_SKIP() << "the sanitizer's own memory is more than that";
    if (!group.problem().empty()) GTEST_SKIP() << group.problem();
    const auto shown = certificate_authority{"servers"}.issue();
    write("tls.crt", shown.pem);
    write("tls.key", shown.key);
    write("clients.crt", clients.pem());
  }

  std::string path(const std::string& name) const { return (directory.path() / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }

  std::unique_ptr<daemon> start_in_group() const {
    auto settings =
        watching({{"TLS_CERT", path("tls.crt")}, {"TLS_KEY", path("tls.key")}, {"TLS_CLIENT_CA", path("clients.crt")}});
    settings.emplace("PATH", "/usr/bin:/bin");
    return std::make_unique<daemon>(settings, std::vector<std::string>{},
                                    std::vector<std::string>{"/bin/sh", "-c", group.enter() + "; exec \"$@\"", "sh"});
  }

  /// Whose certificates are as large as they may be together, 16 KiB in DER: many names in one, or many certificates.
  asio::ssl::context with_large_certificates() const {
    certificate_options wanted{.common_name = "haproxy", .extended_key_usage = "clientAuth"};
    if (GetParam() == shape::one) {
      for (int i = 0; i < 240; ++i) wanted.dns_names.push_back(std::string(57, 'x') + std::to_string(100 + i));
    }
    auto shown = clients.issue(wanted);
    const auto another = clients.pem();
    while (GetParam() == shape::many && shown.pem.size() + another.size() < max_pem) shown.pem += another;
    EXPECT_GT(shown.pem.size(), max_pem * 9 / 10);
    asio::ssl::context made(asio::ssl::context::tls_client);
    made.use_certificate_chain(asio::buffer(shown.pem));
    made.use_private_key(asio::buffer(shown.key), asio::ssl::context::pem);
    return made;
  }

  certificate_authority clients{"clients"};
  memory_cgroup group{container_limit};
};

TEST_P(Memory, OfTheManifestsIsEnoughForAllTlsConnectionsWithLargeCertificatesAndALargePod) {
  change_pod([](pod& large) { large.document()["metadata"]["annotations"]["ballast"] = std::string(1'900'000, 'x'); });
  const auto sidecar = start_in_group();
  auto context = with_large_certificates();
  std::vector<std::unique_ptr<tls_balancer>> balancers;
  for (int i = 0; i < tls_connections; ++i) {
    balancers.push_back(std::make_unique<tls_balancer>(context, sidecar->port()));
    ASSERT_EQ(balancers.back()->ask(), "HTTP/1.1 200 OK") << i;
  }
  for (const bool ready : {false, true, false}) {
    api.set_ready("game", ready);
    const std::string wanted = ready ? "HTTP/1.1 200 OK" : "HTTP/1.1 500 ContainerNotReady";
    const auto ask = [&] { return tls_balancer(context, sidecar->port()).ask(); };  // an idle one goes for it
    EXPECT_EQ(last_answer(ask, wanted, std::chrono::seconds{10}), wanted);
  }
  EXPECT_TRUE(sidecar->is_alive());
  std::cout << "peak " << group.peak_kilobytes() << " kB, of them now " << group.used_kilobytes() << " kB in use\n";
  EXPECT_LT(group.peak_kilobytes(), container_limit / 1024);
  EXPECT_EQ(sidecar->stop(SIGINT), (exit_status{128 + SIGINT, 0}));
}

INSTANTIATE_TEST_SUITE_P(Certificates, Memory, testing::Values(shape::one, shape::many),
                         [](const auto& row) { return row.param == shape::one ? "One" : "Many"; });

}  // namespace
}  // namespace sidecar::test
