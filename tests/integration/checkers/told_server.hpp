#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "sidecar/health/verdict.hpp"
#include "sidecar/http/server.hpp"
#include "support/certificates.hpp"

namespace sidecar::test {

/// For TLS, with a certificate of that authority.
http::server_settings with_tls(const certificate_authority& authority, http::server_settings settings = {});

/// What there is to be said on health paths.
struct told {
  health::answer answer = {health::verdict_of(health::reason::all_containers_ready), {}};
  bool draining = false;     ///< SIGTERM was seen
  bool from_memory = false;  ///< SOURCE=watch: there is nothing to wait for
};

/// Says it.
class told_endpoint final : public http::health_endpoint {
 public:
  std::optional<health::answer> answer_now(std::string_view) override;
  boost::asio::awaitable<health::answer> answer(std::string) override;
  bool is_draining() const override { return now.draining; }

  told now;
};

/// The HTTP server on a socket and a thread of its own, saying what it is told.
class told_server {
 public:
  explicit told_server(http::server_settings settings = {});
  ~told_server();
  told_server(const told_server&) = delete;
  told_server& operator=(const told_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// Returns when it is in force.
  void tell(const told& next);
  void tell(health::reason why) { tell({.answer = {health::verdict_of(why), {}}}); }
  /// Connections that are open now.
  std::size_t sessions();

 private:
  boost::asio::io_context io_{1};
  told_endpoint endpoint_;  ///< the thread's own while it runs
  http::server server_;
  std::uint16_t port_;
  std::thread thread_;
};

}  // namespace sidecar::test
