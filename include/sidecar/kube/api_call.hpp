#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/kube/api_connection.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/call_statistics.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/response_reader.hpp"
#include "sidecar/kube/retry_policy.hpp"
#include "sidecar/net/coroutine_mutex.hpp"
#include "sidecar/net/deadline.hpp"

namespace sidecar::kube {

/// The API server and the kept connection to it, for one call at a time. `credentials` must outlive it.
struct api_channel {
  api_channel(const boost::asio::any_io_executor& executor, api_client_settings settings, service_account& credentials);

  /// Lets one call begin.
  struct permit {
    net::coroutine_mutex::lock lock;
    time_point started;  ///< as noted in the rate limiter
    rate_limiter::claim claim;
  };

  /// Waits until no other call is pending and API_QPS allows one.
  boost::asio::awaitable<permit> wait_for_permit();

  api_endpoint endpoint;
  net::coroutine_mutex mutex;
  std::optional<api_connection> connection;
};

/// One call to the API server: one request, or several that need each other. Retries cover all of it, and so does the
/// deadline, API_TIMEOUT from its start, unless `limit_rest` sets another. Never throws. `channel` must outlive it.
class api_call {
 public:
  api_call(api_channel& channel, api_channel::permit granted)
      : channel_(channel),
        endpoint_(channel.endpoint),
        lock_(std::move(granted.lock)),
        claim_(std::move(granted.claim)),
        begun_(granted.started),
        started_(granted.started) {
    limit_rest(endpoint_.settings().timeout);
  }

  /// Replaces the deadline: what follows has `limit` from now. Call between two requests.
  void limit_rest(std::chrono::milliseconds limit) { limit_.emplace(endpoint_.executor(), limit); }

  /// Makes a connection ready for a request.
  boost::asio::awaitable<std::optional<failure>> make_ready();

  /// Makes a connection ready and requests `target`, again where retry_policy allows it. With `into`, the body of a 200
  /// goes there; a request is not repeated once some of it has.
  boost::asio::awaitable<outcome<api_response>> request(std::string_view target, body_reader* into = nullptr);

  /// Waits until API_QPS allows another request of this call. Also returns when the deadline has passed.
  boost::asio::awaitable<void> wait_for_rate();

  /// Just before the first byte of the last request was written.
  time_point request_started() const noexcept { return started_; }

  /// Counts the call, which has ended; `why` it failed: empty for a success.
  void count(verb what, std::optional<health::reason> why);

 private:
  boost::asio::awaitable<std::optional<failure>> connect();
  boost::asio::awaitable<bool> may_retry(attempt_outcome last);

  api_channel& channel_;
  api_endpoint& endpoint_;
  net::coroutine_mutex::lock lock_;
  rate_limiter::claim claim_;           ///< until the first request starts
  std::optional<net::deadline> limit_;  ///< never empty
  time_point begun_;                    ///< of the call
  time_point started_;                  ///< as noted in the rate limiter; at last that of the request
  retry_policy policy_;
  call_phase where_ = call_phase::lookup;
};

}  // namespace sidecar::kube
