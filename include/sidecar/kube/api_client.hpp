#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "sidecar/config/config.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/rate_limiter.hpp"
#include "sidecar/kube/response_parser.hpp"
#include "sidecar/kube/service_account.hpp"

namespace sidecar::kube {

struct api_client_settings {
  config::api_url url;
  pod_name pod;
  std::chrono::milliseconds timeout;  ///< for the whole call: lookup, connect, TLS, request, response, retries
  /// Shared by all clients whose requests count together; the default is unlimited.
  std::shared_ptr<rate_limiter> limiter = std::make_shared<rate_limiter>(0);
  std::string user_agent;
  response_limits limits{};
  std::chrono::seconds max_idle{60};   ///< the API server closes idle connections after 90 s
  std::chrono::seconds max_life{600};  ///< HTTP/1.1 has no GOAWAY; reconnecting spreads clients over the API servers
};

/// The pod_source of the product: one keep-alive HTTP/1.1 connection to the API server, TLS unless `url` is plain (then
/// the token is not sent). Retries within a call and its deadline as retry_policy decides. Never follows redirects,
/// never uses a proxy. `credentials` must outlive the client.
class api_client : public pod_source {
 public:
  /// True during a name lookup, which cannot be cancelled.
  virtual bool is_looking_up() const noexcept = 0;
};

std::unique_ptr<api_client> create_api_client(boost::asio::any_io_executor executor, api_client_settings settings,
                                              service_account& credentials);

}  // namespace sidecar::kube
