#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/failure.hpp"

namespace sidecar::kube {

/// A snapshot is dated just before its request's first byte is written.
using fetch_result = outcome<health::snapshot>;

struct list_result {
  fetch_result found;
  std::string version{};  ///< the list's resourceVersion; empty with a failure
};

/// One call to the API server: `prepare` if queries share it, then one request. It ends within API_TIMEOUT of its
/// start, whatever the server does, and never throws.
class pod_call {
 public:
  virtual ~pod_call() = default;

  /// Makes a connection ready for a GET; queries that arrive until then may share the response. A failure ends the
  /// call. A LIST needs no such step.
  virtual boost::asio::awaitable<std::optional<failure>> prepare() = 0;

  virtual boost::asio::awaitable<fetch_result> get_pod() = 0;
  virtual boost::asio::awaitable<list_result> list_pod() = 0;
};

/// Reads the pod's state from the API server. The interface between decisions and network, so that tests can script the
/// responses.
class pod_source {
 public:
  virtual ~pod_source() = default;

  /// Waits until no other call is pending and API_QPS allows one. The call must not outlive the source, except a call
  /// that is destroyed with its io_context.
  virtual boost::asio::awaitable<std::unique_ptr<pod_call>> begin_call() = 0;
};

}  // namespace sidecar::kube
