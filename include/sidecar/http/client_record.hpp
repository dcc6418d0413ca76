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

/// "GET", "HEAD", "OPTIONS", "other".
std::string_view name(method asked) noexcept;

/// What a client asks. All texts are its own, cut. Those of a request that could not be parsed are empty.
struct client_request {
  http::method method = method::other;
  client_protocol protocol = client_protocol::none;
  bool tls = false;
  cut_text<47> path{};  ///< the request's target, as it came
  cut_text<31> host{};
  cut_text<47> user_agent{};
  /// The source address that a PROXY header claims, "the proxy itself" for a check of the proxy's own; empty without a
  /// header.
  cut_text<39> proxy_source{};

  /// Takes over what the request says; TLS and the PROXY header are the connection's.
  void read(const request& asked) noexcept;
};

/// What a client was told.
struct client_answer {
  std::optional<http::refusal> refusal{};  ///< set for an error answer
  std::uint16_t status = 0;                ///< 0: nothing yet. HTTP/0.9 and agent: the status that it stands for
  std::optional<health::reason> reason{};  ///< empty for an error answer and for /livez
  bool held = false;
};

/// One client address: how often and when it asks, and the last that it asked and was told.
struct client_record {
  boost::asio::ip::address address{};  ///< an IPv4 client of a dual-stack socket as IPv4
  std::uint64_t requests = 0;          ///< answered or refused, agent checks too
  std::uint64_t connections = 0;
  std::uint64_t mute = 0;  ///< connections that ended without a request: TCP checks, failed TLS handshakes, no HTTP
  /// Of the last request, to within the time that its answer took; of the last connection while it has sent none.
  std::chrono::steady_clock::time_point last{};
  std::chrono::nanoseconds interval{0};  ///< between the last two requests; 0: unknown
  client_request asked{};
  client_answer told{};
};
static_assert(sizeof(client_record) <= 256);

}  // namespace sidecar::http
