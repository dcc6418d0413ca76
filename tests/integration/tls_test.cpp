#include <fcntl.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon.hpp"
#include "support/certificates.hpp"
#include "support/client_hello.hpp"
#include "support/vitals.hpp"

/// TLS on the health port: TLS_CERT, TLS_KEY, TLS_CLIENT_CA.
namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

class Tls : public testing::Test {
 protected:
  Tls() { show(ca.issue()); }

  /// By rename, as a tool that knows what it does; certificate and key one after the other.
  fs::path write(const std::string& name, const std::string& text) {
    const auto path = directory.path() / name;
    std::ofstream(path.string() + ".new") << text;
    fs::rename(path.string() + ".new", path);
    return path;
  }
  void show(const certificate& shown) {
    write("tls.crt", shown.pem);
    write("tls.key", shown.key);
  }
  std::string path(const std::string& name) const { return (directory.path() / name).string(); }

  variables options(variables more = {}) const {
    more.merge(variables{{"STATE_OVERRIDE", "true"},
                         {"LISTEN", "127.0.0.1:0"},
                         {"TLS_CERT", path("tls.crt")},
                         {"TLS_KEY", path("tls.key")}});
    return named(more);
  }

  /// Over TLS; "refused: ..." with OpenSSL's words if the server's certificate is not one of `trusted`.
  static std::string ask(const daemon& sidecar, const certificate_authority& trusted) {
    try {
      http_client client{"127.0.0.1", sidecar.port(), trusted.pem()};
      client.send(request("GET /healthz"));
      return summary(client.read_response());
    } catch (const std::runtime_error& refused) {
      return std::string{"refused: "} + refused.what();
    }
  }

  outcome curl(const daemon& sidecar, std::vector<std::string> arguments) const {
    for (const char* always : {"-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"})
      arguments.emplace_back(always);
    arguments.push_back("https://127.0.0.1:" + std::to_string(sidecar.port()) + "/healthz");
    return run_program(CURL, arguments);
  }

  temp_dir directory;
  certificate_authority ca{"load balancers trust this"};
};

TEST_F(Tls, NewFilesAreUsedByTheNextClient) {
  daemon sidecar{options()};
  ASSERT_EQ(ask(sidecar, ca), "200 OK");
  const certificate_authority next{"the next one"};
  http_client open{"127.0.0.1", sidecar.port(), ca.pem()};
  show(next.issue());
  EXPECT_EQ(ask(sidecar, next), "200 OK");
  EXPECT_TRUE(ask(sidecar, ca).starts_with("refused: "));
  open.send(request("GET /healthz"));
  EXPECT_EQ(summary(open.read_response()), "200 OK") << "who is in stays in";
  EXPECT_EQ(sidecar.stop_and_read("uses new files").size(), 1U);
}

TEST_F(Tls, ABadPairNeverReplacesAGoodOne) {
  daemon sidecar{options()};
  const certificate_authority next{"the next one"};
  const auto renewed = next.issue();
  const struct {
    const char* file;
    std::string text;
  } steps[] = {{"tls.crt", renewed.pem}, {"tls.key", "garbage"}, {"tls.key", ""}, {"tls.crt", ca.pem()}};
  for (const auto& step : steps) {
    write(step.file, step.text);
    EXPECT_EQ(ask(sidecar, ca), "200 OK") << step.file;
    EXPECT_EQ(ask(sidecar, ca), "200 OK") << step.file;
  }
  fs::remove(path("tls.key"));
  EXPECT_EQ(ask(sidecar, ca), "200 OK");
  show(renewed);
  EXPECT_EQ(ask(sidecar, next), "200 OK");
  EXPECT_EQ(sidecar.stop_and_read("files of the health port are not usable").size(), 3U) << "once for each state";
}

/// TLS_KEY is unset: one file, read at once, so that there is no moment in which the two do not fit.
class TlsBundle : public Tls {
 protected:
  variables bundle(const std::string& text) {
    write("bundle.pem", text);
    auto settings = options({{"TLS_CERT", path("bundle.pem")}});
    settings.erase("HTTP_HEALTHCHECK_SIDECAR_TLS_KEY");
    return settings;
  }
};

TEST_F(TlsBundle, IsReloadedAndABadOneNeverReplacesAGoodOne) {
  const auto first = ca.issue();
  daemon sidecar{bundle(first.pem + first.key)};
  EXPECT_EQ(ask(sidecar, ca), "200 OK");
  const certificate_authority next{"next"};
  const auto mine = next.issue();
  write("bundle.pem", mine.pem);
  EXPECT_EQ(ask(sidecar, ca), "200 OK");
  EXPECT_NE(sidecar.logged("the new TLS files of the health port are not usable"), "");
  write("bundle.pem", mine.pem + first.key);
  EXPECT_EQ(ask(sidecar, ca), "200 OK");
  write("bundle.pem", mine.pem + mine.key);
  EXPECT_EQ(ask(sidecar, next), "200 OK");
}

TEST_F(TlsBundle, WithoutItsKeyStopsTheStart) {
  const auto ended = run_to_the_end(bundle(ca.issue().pem));
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.error.find("HTTP_HEALTHCHECK_SIDECAR_TLS_CERT="), std::string::npos) << ended.error;
  EXPECT_NE(ended.error.find("name the key's file in TLS_KEY"), std::string::npos) << ended.error;
}

TEST_F(Tls, AnExpiredCertificateIsShownAndTold) {
  show(ca.issue({.valid_from = std::chrono::hours{-48}, .valid_until = std::chrono::hours{-24}}));
  daemon sidecar{options()};
  EXPECT_NE(sidecar.logged("has expired"), "");
  EXPECT_EQ(curl(sidecar, {"-k"}).output, "200\n");
}

/// A load balancer that does what can be done without waiting.
class eager_balancer {
 public:
  eager_balancer(SSL_CTX* context, std::uint16_t port)
      : peer_("127.0.0.1", port), ssl_(::SSL_new(context), &::SSL_free) {
    ::fcntl(peer_.handle(), F_SETFL, O_NONBLOCK);
    ::SSL_set_fd(ssl_.get(), peer_.handle());
  }
  /// True once it has an answer, or none will come.
  bool goes_on() {
    if (!received.empty()) return true;
    if (!asked_) {
      const int done = ::SSL_connect(ssl_.get());
      if (done != 1) return fails(done);
      const auto text = request("GET /healthz");
      ::SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
      asked_ = true;
    }
    std::array<char, 1'024> part{};
    const int count = ::SSL_read(ssl_.get(), part.data(), static_cast<int>(part.size()));
    if (count <= 0) return fails(count);
    received.append(part.data(), static_cast<std::size_t>(count));
    return true;
  }

  std::string received;

 private:
  bool fails(int returned) {
    const int why = ::SSL_get_error(ssl_.get(), returned);
    return why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
  }

  http_client peer_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> ssl_;
  bool asked_ = false;
};

TEST_F(Tls, AllThatBeginAtOnceGetTheirAnswer) {
  const daemon sidecar{options()};
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(::SSL_CTX_new(::TLS_client_method()),
                                                                    &::SSL_CTX_free);
  for (const int count : {64, 128}) {
    std::vector<std::unique_ptr<eager_balancer>> balancers;
    for (int i = 0; i < count; ++i) {
      balancers.push_back(std::make_unique<eager_balancer>(context.get(), sidecar.port()));
      balancers.back()->goes_on();
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    std::ptrdiff_t done = 0;
    while (done < count && std::chrono::steady_clock::now() < end) {
      done = std::ranges::count_if(balancers, [](const auto& one) { return one->goes_on(); });
    }
    for (const auto& one : balancers) EXPECT_TRUE(one->received.starts_with("HTTP/1.1 200 OK")) << count;
  }
}

// A container has 32 MiB; a handshake that stops half-way once held 45 kB, and anybody who reaches the node can begin
// one.
TEST_F(Tls, ClientsThatStopHalfWayTakeLittleMemory) {
  daemon sidecar{options()};
  const vitals consumption{sidecar.running().id()};
  ASSERT_EQ(ask(sidecar, ca), "200 OK");
  const auto before = consumption.peak_kilobytes();
  const auto hello = client_hello();
  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 500; ++i) {
    clients.push_back(std::make_unique<http_client>("127.0.0.1", sidecar.port()));
    clients.back()->send(i % 2 == 0 ? hello : hello.substr(0, 20));
  }
  EXPECT_EQ(ask(sidecar, ca), "200 OK");
  if (!under_sanitizer) {
    EXPECT_LT(growth(consumption.peak_kilobytes(), before), 8'000U);
  }
}

TEST_F(Tls, ClientsAreTakenThoughABlockOfTheirCaFileIsBad) {
  const certificate_authority clients{"clients"};
  const auto mine = clients.issue({.common_name = "haproxy", .extended_key_usage = "clientAuth"});
  write("ca.crt", ca.pem());
  write("mine.crt", mine.pem);
  write("mine.key", mine.key);
  write("clients.crt", clients.pem().substr(0, 100) + "\n" + clients.pem());
  daemon sidecar{options({{"TLS_CLIENT_CA", path("clients.crt")}})};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(curl(sidecar, {"--cacert", path("ca.crt"), "--cert", path("mine.crt"), "--key", path("mine.key")}).output,
              "200\n");
  }
  const auto told = sidecar.stop_and_read("are skipped");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("skipped=\"1 (has no END line"), std::string::npos) << told[0];
}

}  // namespace
}  // namespace sidecar::test
