#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "sidecar/base/clock.hpp"
#include "sidecar/kube/call_phase.hpp"
#include "sidecar/kube/response_parser.hpp"
#include "sidecar/kube/retry_policy.hpp"
#include "sidecar/net/deadline.hpp"
#include "sidecar/net/stream.hpp"

namespace sidecar::kube {

/// A keep-alive connection to the API server. One request at a time.
class api_connection {
 public:
  /// The maximum idle time and the maximum lifetime.
  struct lifetime {
    std::chrono::seconds idle;
    std::chrono::seconds whole;
  };

  /// `ca_generation`: that of the CA bundle which verified the server (service_account).
  api_connection(std::unique_ptr<net::stream> stream, unsigned ca_generation, lifetime max_lifetime, time_point now)
      : stream_(std::move(stream)),
        ca_generation_(ca_generation),
        lifetime_(max_lifetime),
        opened_(now),
        last_used_(now) {}

  /// True if a request may be written. False with bytes to read: what came since the last response cannot be a response
  /// to the next request (usually it is the server's close). One system call.
  bool is_usable(unsigned ca_generation, time_point now);

  /// True until the first response.
  bool is_new() const noexcept { return !has_responded_; }
  bool is_outdated(unsigned ca_generation) const noexcept { return ca_generation != ca_generation_; }
  /// True if no further request may be written.
  bool is_spent() const noexcept { return is_spent_; }

  /// The outcome of one request.
  struct exchange {
    attempt_outcome outcome;
    std::optional<api_response> response{};  ///< if responded or unauthorized
    std::string problem{};                   ///< if failed or broke_unanswered; empty for a timeout
    bool is_protocol = false;                ///< the response is malformed
  };

  /// Writes the request and reads the response; `where` follows its progress.
  boost::asio::awaitable<exchange> round_trip(const std::string& request, const response_limits& limits,
                                              const net::deadline& limit, call_phase& where);

 private:
  boost::asio::awaitable<exchange> read_response(const response_limits& limits, const net::deadline& limit,
                                                 call_phase& where);

  std::unique_ptr<net::stream> stream_;
  unsigned ca_generation_;
  lifetime lifetime_;
  time_point opened_;
  time_point last_used_;
  bool has_responded_ = false;
  bool is_spent_ = false;
};

}  // namespace sidecar::kube
