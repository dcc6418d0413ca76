#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/health/verdict.hpp"

namespace sidecar::http {

/// The source of answers on health paths: pod::health_service, or in node mode node::node_service. `named`: what the
/// path names (destination).
class health_endpoint {
 public:
  health_endpoint() = default;
  health_endpoint(const health_endpoint&) = delete;
  health_endpoint& operator=(const health_endpoint&) = delete;
  virtual ~health_endpoint() = default;

  /// The answer, if it needs no waiting: override, draining, cache.
  virtual std::optional<health::answer> answer_now(std::string_view named) = 0;

  /// The answer to a query that arrives now. Waits no longer than ANSWER_TIMEOUT; never throws.
  virtual boost::asio::awaitable<health::answer> answer(std::string named) = 0;

  /// True after SIGTERM: every answer closes its connection, so that the exit cuts off no client.
  virtual bool is_draining() const = 0;
};

}  // namespace sidecar::http
