#pragma once

#include "sidecar/health/verdict.hpp"
#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/status/facts.hpp"

namespace sidecar::app {

/// What the process answers for (MODE): one pod, or the workloads of its node. It sends requests to the API server
/// and answers queries. It must outlive the io_context's handlers, and be destroyed before the io_context itself.
class role {
 public:
  virtual ~role() = default;

  virtual http::health_endpoint& endpoint() noexcept = 0;
  /// Begins to send requests. Call once, before the first query.
  virtual void start() = 0;
  /// Makes every further answer a drain.
  virtual void drain() = 0;

  /// For the status page: what is answered now, of node mode by the agent's own path.
  virtual health::answer current() const = 0;
  virtual status::source_facts describe_source() const = 0;
};

}  // namespace sidecar::app
