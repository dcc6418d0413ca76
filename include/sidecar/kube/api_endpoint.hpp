#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/config/config.hpp"
#include "sidecar/kube/call_phase.hpp"
#include "sidecar/kube/call_statistics.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_scope.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/rate_limiter.hpp"
#include "sidecar/kube/response_parser.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/net/client_stream.hpp"
#include "sidecar/net/deadline.hpp"
#include "sidecar/net/resolver_cache.hpp"

namespace sidecar::kube {

/// How the API server is reached, and for which pod.
struct api_client_settings {
  config::api_url url;
  pod_name pod;                     ///< in node mode the key whose consistent read has the newest version: our own pod
  node_scope node{};                ///< set in node mode
  std::string maintenance_label{};  ///< the key of the one label that is read; empty: none
  std::chrono::milliseconds timeout;  ///< for the whole call: lookup, connect, TLS, request, response, retries
  /// Shared by all whose requests count together: they keep 1/API_QPS between their calls. The default is unlimited.
  std::shared_ptr<rate_limiter> limiter = std::make_shared<rate_limiter>(0);
  rate_limiter::priority priority = rate_limiter::priority::query;
  /// Shared likewise: where GET, LIST and WATCH are counted.
  std::shared_ptr<call_statistics> statistics = std::make_shared<call_statistics>();
  std::string user_agent;
  response_limits limits{};
  std::chrono::seconds max_idle{60};   ///< the API server closes idle connections after 90 s
  std::chrono::seconds max_life{600};  ///< HTTP/1.1 has no GOAWAY; reconnecting spreads clients over the API servers
  /// Called once, with the JSON of the first response that has the pod (a v1.Pod or a v1.PodList). It must return soon.
  std::function<void(std::string json)> on_first_pod{};
};

/// The API server's address, its verification and the rate limit of calls. `credentials` must outlive it.
class api_endpoint {
 public:
  api_endpoint(boost::asio::any_io_executor executor, api_client_settings settings, service_account& credentials);

  /// Waits until a call may start and notes it in the limiter; returns its start. Also returns when `limit` has passed.
  boost::asio::awaitable<time_point> wait_for_rate(const net::deadline& limit);

  struct connection {
    std::unique_ptr<net::client_stream> stream;
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

  /// The request for `target`, with the token unless the connection is plain; with a `body`, which is JSON, a POST.
  std::string render(std::string_view target, std::string_view body = {}) const;

  /// The failure for a deadline that has passed in the phase `where`.
  failure timeout_failure(call_phase where, const net::deadline& limit) const;

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  const api_client_settings& settings() const noexcept { return settings_; }
  service_account& credentials() const noexcept { return credentials_; }
  /// True during a name lookup, which cannot be cancelled.

 private:
  boost::asio::awaitable<connected> handshake(connection made, const net::deadline& limit);

  boost::asio::any_io_executor executor_;
  api_client_settings settings_;
  service_account& credentials_;
  std::shared_ptr<net::resolver_cache> addresses_;
};

}  // namespace sidecar::kube
