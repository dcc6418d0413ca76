#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::kube {

/// The pod_source of the product: one keep-alive HTTP/1.1 connection to the API server, TLS unless `url` is plain (then
/// the token is not sent). Retries within a call and its deadline as retry_policy decides. Never follows redirects,
/// never uses a proxy. `credentials` must outlive it.
std::unique_ptr<pod_source> create_api_client(boost::asio::any_io_executor executor, api_client_settings settings,
                                              service_account& credentials);

}  // namespace sidecar::kube
