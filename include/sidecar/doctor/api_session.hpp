#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/config/config.hpp"
#include "sidecar/doctor/connection_check.hpp"
#include "sidecar/doctor/review.hpp"
#include "sidecar/kube/api_connection.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/service_account.hpp"

namespace sidecar::doctor {

/// Calls to the API server, one after the other, with the server's own endpoint: the same addresses, verification,
/// token and rate. Each is bounded by API_TIMEOUT; none is repeated.
class api_session {
 public:
  /// `credentials` outlive it; unless the URL is plain they have a CA bundle.
  api_session(const boost::asio::any_io_executor& executor, const config::config& settings,
              kube::service_account& credentials);

  /// Opens the connection for the first call.
  boost::asio::awaitable<connection_facts> connect();

  using response = kube::outcome<kube::api_response>;
  boost::asio::awaitable<response> get(const kube::pod_name& pod);
  boost::asio::awaitable<response> get(const kube::node_name& node);
  boost::asio::awaitable<response> list(const kube::node_name& node);
  boost::asio::awaitable<response> post(const review_request& review);

 private:
  boost::asio::awaitable<std::optional<kube::failure>> connect(const net::deadline& limit, kube::call_phase& where);
  boost::asio::awaitable<response> call(std::string target, std::string body);

  const config::config& settings_;
  kube::api_endpoint endpoint_;
  net::certificate_facts server_;
  std::string protocol_;
  std::optional<kube::api_connection> connection_;
};

}  // namespace sidecar::doctor
