#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <variant>

#include "sidecar/config/config.hpp"
#include "sidecar/kube/call_phase.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/rate_limiter.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/net/deadline.hpp"
#include "sidecar/net/resolver_cache.hpp"
#include "sidecar/net/stream.hpp"

namespace sidecar::kube {

/// The API server's address, its verification and the rate limit of calls. `credentials` must outlive it.
class api_endpoint {
 public:
  /// Endpoints with the same `limiter` keep 1/API_QPS between all their calls. `timeout`: for a whole call.
  api_endpoint(boost::asio::any_io_executor executor, config::api_url url, std::chrono::nanoseconds timeout,
               std::shared_ptr<rate_limiter> limiter, service_account& credentials);

  /// Waits until a call may start and notes it in the limiter; returns its start. Also returns when `limit` has passed.
  boost::asio::awaitable<time_point> wait_for_rate(const net::deadline& limit);
  /// True if no other call has started since the one at `start`.
  bool is_latest(time_point start) const noexcept { return limiter_->is_latest(start); }
  /// Moves the start of the latest call to `now`, when its request is written.
  void note_request(time_point now) noexcept { limiter_->note_start(now); }

  struct connection {
    std::unique_ptr<net::stream> stream;
    unsigned ca_generation;  ///< of the CA bundle that verified the server (service_account)
  };
  struct refusal {
    failure problem;
    bool is_untrusted = false;  ///< its certificate did not verify: a newer CA bundle may help
  };
  using connected = std::variant<connection, refusal>;

  /// Opens a connection, with TLS unless the URL is plain; `where` follows its progress. Reads the token and the CA
  /// bundle first, if they have changed.
  boost::asio::awaitable<connected> connect(const net::deadline& limit, call_phase& where);

  /// Reads the token and the CA bundle, if they have changed.
  void refresh_credentials();

  /// The failure for a deadline that has passed in the phase `where`.
  failure timeout_failure(call_phase where) const;

  /// The Host field's value.
  std::string authority() const;
  /// The fields that end a request's head (request.hpp): the token, unless the connection is plain.
  std::string closing_fields() const;

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  service_account& credentials() const noexcept { return credentials_; }
  bool is_tls() const noexcept { return url_.tls; }
  /// True during a name lookup, which cannot be cancelled.
  bool is_looking_up() const noexcept { return addresses_->is_pending(); }

 private:
  boost::asio::awaitable<result<net::resolver_cache::addresses>> look_up(const net::deadline& limit);
  boost::asio::awaitable<connected> handshake(connection made, const net::deadline& limit);
  refusal handshake_refusal(net::stream& stream, boost::system::error_code problem) const;
  std::string lookup_failure(const boost::system::error_code& problem) const;

  boost::asio::any_io_executor executor_;
  config::api_url url_;
  std::chrono::nanoseconds timeout_;
  std::shared_ptr<rate_limiter> limiter_;
  service_account& credentials_;
  std::shared_ptr<net::resolver_cache> addresses_;
};

}  // namespace sidecar::kube
