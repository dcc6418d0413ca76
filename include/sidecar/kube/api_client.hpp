#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "sidecar/config/config.hpp"
#include "sidecar/kube/pacer.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/service_account.hpp"

namespace sidecar::kube {

struct api_client_settings {
  config::api_url url;
  pod_name pod;
  std::chrono::milliseconds timeout;  ///< the whole call: lookup, connect, TLS, request, answer, retries
  std::shared_ptr<pacer> pace = std::make_shared<pacer>(0);  ///< of all clients that share it; unlimited
  std::string user_agent;
  answer_limits limits{};
  std::chrono::seconds longest_idle{60};   ///< the API server closes idle connections after 90 s
  std::chrono::seconds longest_life{600};  ///< HTTP/1.1 clients are never sent GOAWAY: reconnecting rebalances them
};

/// The real pod_source: one keep-alive HTTP/1.1 connection to the API server, TLS unless `url` says otherwise (then the
/// token is not sent). Within a call and its deadline it makes up for
/// - a reused connection that died before any byte of the answer: once, on a new one (the request is a GET);
/// - a 401 when the token file has changed: once;
/// - an unverified certificate when the CA file has changed: once.
/// Never follows redirects, never uses a proxy. `credentials` must outlive the client.
class api_client : public pod_source {
 public:
  /// True while a name lookup that cannot be stopped is under way.
  virtual bool is_looking_up() const noexcept = 0;
};

std::unique_ptr<api_client> create_api_client(boost::asio::any_io_executor executor, api_client_settings settings,
                                              service_account& credentials);

}  // namespace sidecar::kube
