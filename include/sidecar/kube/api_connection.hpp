#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/response_reader.hpp"
#include "sidecar/kube/retry_policy.hpp"
#include "sidecar/net/deadline.hpp"

namespace sidecar::kube {

/// A keep-alive connection to the API server. One request at a time.
class api_connection {
 public:
  /// `settings` must outlive the connection.
  api_connection(api_endpoint::connection made, const api_client_settings& settings, time_point now)
      : made_(std::move(made)), settings_(settings), opened_(now), last_used_(now) {}

  /// True if a request may be written. False with bytes to read: what came since the last response cannot be a response
  /// to the next request (usually it is the server's close). One system call.
  bool is_usable(unsigned ca_generation, time_point now);

  /// True until the first request.
  bool is_new() const noexcept { return state_ == state::unused; }
  bool is_outdated(unsigned ca_generation) const noexcept { return ca_generation != made_.ca_generation; }
  /// True if no further request may be written.
  bool is_spent() const noexcept { return state_ == state::spent; }

  /// The outcome of one request.
  struct exchange {
    attempt_outcome outcome;
    std::optional<api_response> response{};  ///< if responded or unauthorized
    std::optional<failure> problem{};        ///< if failed or broke_unanswered; empty for a timeout
  };

  /// Writes the request and reads the response; `where` follows its progress. With `into`, the body of a 200 goes there
  /// as it arrives; its failure ends the request.
  boost::asio::awaitable<exchange> round_trip(const std::string& request, const net::deadline& limit, call_phase& where,
                                              body_reader* into = nullptr);

 private:
  enum class state : std::uint8_t { unused, kept, spent };

  boost::asio::awaitable<exchange> read_response(const net::deadline& limit, state before, call_phase& where,
                                                 body_reader* into);

  api_endpoint::connection made_;
  const api_client_settings& settings_;
  time_point opened_;
  time_point last_used_;
  state state_ = state::unused;
};

}  // namespace sidecar::kube
