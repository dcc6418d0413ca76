#include <gtest/gtest.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>

#include "sidecar/kube/api_client.hpp"
#include "sidecar/net/coro.hpp"
#include "support/certificates.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/net/run.hpp"

/// A server that sends a second response to a request. It is none to the next request, whose response says what has
/// changed since.
namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string response_of(unsigned version) {
  const auto body = R"({"kind":"Pod","metadata":{"name":"game-0","namespace":"demo","resourceVersion":")" +
                    std::to_string(version) + R"("}})";
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// When the surplus comes.
enum class moment {
  in_one_piece,    ///< with the response
  at_once,         ///< right after it, in a record of its own
  while_idle,      ///< before the next call begins
  while_prepared,  ///< between the next call's prepare() and get_pod()
};

/// Responds to the nth request, on any connection, with version 1000 + n. What it writes is in the client's kernel when
/// a write returns.
class surplus_server {
 public:
  surplus_server(asio::io_context& context, net::tls_context tls) : acceptor_(context, {{}, 0}), tls_(std::move(tls)) {}

  static asio::awaitable<void> accept(surplus_server& self) {
    for (;;) {
      auto [failed, socket] = co_await self.acceptor_.async_accept(net::use_result);
      if (failed) co_return;
      const auto executor = socket.get_executor();
      asio::co_spawn(executor, serve(self, std::make_shared<connection>(std::move(socket), self.tls_)), asio::detached);
    }
  }

  void send_surplus() {
    if (const auto last = last_.lock()) last->write(response_of(1));
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  moment when = moment::in_one_piece;
  unsigned requests = 0;
  unsigned accepted = 0;

 private:
  struct connection {
    connection(tcp::socket accepted, const net::tls_context& context) : socket(std::move(accepted)) {
      socket.set_option(tcp::no_delay(true));
      if (context) tls = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket, *context);
    }
    void write(const std::string& bytes) {
      error_code ignored;
      tls ? asio::write(*tls, asio::buffer(bytes), ignored) : asio::write(socket, asio::buffer(bytes), ignored);
    }

    tcp::socket socket;
    std::unique_ptr<asio::ssl::stream<tcp::socket&>> tls{};
  };

  static asio::awaitable<void> serve(surplus_server& self, std::shared_ptr<connection> mine) {
    ++self.accepted;
    if (mine->tls) {
      auto [failed] = co_await mine->tls->async_handshake(asio::ssl::stream_base::server, net::use_result);
      if (failed) co_return;
    }
    std::string received;
    std::array<char, 4096> buffer{};
    for (;;) {
      while (received.find("\r\n\r\n") == received.npos) {
        error_code failed;
        std::size_t count = 0;
        if (mine->tls) {
          std::tie(failed, count) = co_await mine->tls->async_read_some(asio::buffer(buffer), net::use_result);
        } else {
          std::tie(failed, count) = co_await mine->socket.async_read_some(asio::buffer(buffer), net::use_result);
        }
        if (failed) co_return;
        received.append(buffer.data(), count);
      }
      received.clear();
      self.last_ = mine;
      const auto response = response_of(1000 + ++self.requests);
      if (self.when == moment::in_one_piece) {
        mine->write(response + response_of(1));
      } else {
        mine->write(response);
        if (self.when == moment::at_once) self.send_surplus();
      }
    }
  }

  tcp::acceptor acceptor_;
  net::tls_context tls_;
  std::weak_ptr<connection> last_;
};

struct surplus_world {
  surplus_world(moment chosen, bool over_tls) : tls(over_tls) { server.when = chosen; }

  net::tls_context server_tls() const {
    if (!tls) return nullptr;
    const auto shown = authority.issue();
    return *net::make_server_context({.certificate = shown.pem, .key = shown.key});
  }

  static asio::awaitable<fetch_result> get(surplus_world& self) {
    const auto call = co_await self.client->begin_call();
    auto unprepared = co_await call->prepare();
    if (unprepared) co_return std::move(*unprepared);
    if (self.server.when == moment::while_prepared) self.server.send_surplus();
    co_return co_await call->get_pod();
  }

  std::string version_got() {
    const auto got = test::run(context, get(*this));
    if (!got) return got.error().detail;
    return std::get<health::pod>(got->state).resource_version;
  }

  bool tls;
  const test::certificate_authority authority;
  test::temp_dir directory;
  test::service_account_files files{directory.path() / "sa", "token", authority.pem(), "demo"};
  service_account credentials{files.path().string()};
  asio::io_context context{1};
  surplus_server server{context, server_tls()};
  std::unique_ptr<pod_source> client = create_api_client(context.get_executor(),
                                                         {.url = {tls, "127.0.0.1", server.port()},
                                                          .pod = {"demo", "game-0"},
                                                          .timeout = std::chrono::seconds{5},
                                                          .user_agent = "test/1"},
                                                         credentials);
};

TEST(SurplusResponse, IsNeverTakenForTheNext) {
  constexpr unsigned rounds = 200;
  for (const auto when : {moment::in_one_piece, moment::at_once, moment::while_idle, moment::while_prepared}) {
    for (const bool tls : {false, true}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(when)) + (tls ? " over TLS" : ""));
      surplus_world world(when, tls);
      asio::co_spawn(world.context, surplus_server::accept(world.server), asio::detached);
      for (unsigned round = 1; round <= rounds; ++round) {
        ASSERT_EQ(world.version_got(), std::to_string(1000 + round));
        if (when == moment::while_idle) world.server.send_surplus();
      }
      EXPECT_EQ(world.server.requests, rounds);
      EXPECT_EQ(world.server.accepted, rounds) << "each surplus costs a connection, and nothing else does";
    }
  }
}

}  // namespace
}  // namespace sidecar::kube
