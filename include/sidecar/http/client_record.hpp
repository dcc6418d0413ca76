#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sidecar/health/verdict.hpp"
#include "sidecar/http/cut_text.hpp"
#include "sidecar/http/request.hpp"

namespace sidecar::http {

/// What a client speaks.
enum class client_protocol : std::uint8_t {
  none,  ///< it has sent no request, or one that could not be parsed
  http_0_9,
  http_1_0,
  http_1_1,
  agent,  ///< it connects to the agent port, which speaks first
};

/// "HTTP/1.1", "agent", "none".
std::string_view name(client_protocol protocol) noexcept;

/// "GET", "HEAD", "OPTIONS", "a method that is not allowed".
std::string_view name(method requested) noexcept;

/// When something happened to a client.
using client_time = std::chrono::steady_clock::time_point;

/// The last request of a client. All texts are its own, cut. Those of a request that could not be parsed are empty.
struct client_request {
  http::method method = method::other;
  client_protocol protocol = client_protocol::none;
  bool tls = false;
  cut_text<34> path{};  ///< the request's target, as it came
  cut_text<31> host{};
  cut_text<23> user_agent{};
  /// The source address that a PROXY header claims, "the proxy itself" for a check of the proxy's own; empty without a
  /// header.
  cut_text<39> proxy_source{};

  /// Takes over what the request says; TLS and the PROXY header are the connection's.
  void read(const request& received) noexcept;
};

/// What a client was answered.
struct client_answer {
  std::optional<http::refusal> refusal{};  ///< set for an error answer
  std::uint16_t status = 0;                ///< 0: none yet. HTTP/0.9 and agent: the status that it stands for
  std::optional<health::reason> reason{};  ///< empty for an error answer and for /livez
  bool held = false;
};

/// The last request of a client that got an error answer: others may have followed.
struct client_refusal {
  client_time at{};  ///< zero: never
  http::refusal why{};
  std::uint16_t status = 0;
  cut_text<23> path{};
};

/// One client address: how often and when it sends requests, the last one and its answer.
struct client_record {
  using time_point = client_time;
  static constexpr time_point never = time_point::min();

  boost::asio::ip::address address{};  ///< an IPv4 client of a dual-stack socket as IPv4
  time_point connected{};              ///< the last connection
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;  ///< answered or refused, agent checks too
  std::uint64_t mute = 0;      ///< connections that ended without a request: TCP checks, failed TLS handshakes, no HTTP
  std::uint32_t mute_in_a_row = 0;       ///< of `mute`, those since the last request
  time_point last_request = never;       ///< when it came
  std::chrono::nanoseconds interval{0};  ///< between the last two requests; 0: unknown
  time_point last_check{};               ///< the last request that was answered with the pod's health; zero: none
  time_point last_mute{};                ///< the last of `mute`; zero: none
  client_refusal refused{};
  client_request request{};
  client_answer answer{};

  bool has_request() const noexcept { return last_request != never; }
};

}  // namespace sidecar::http
