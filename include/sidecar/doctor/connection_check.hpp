#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/config/config.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/kube/call_phase.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/net/certificate_facts.hpp"

/// PURE. The way to the API server.
namespace sidecar::doctor {

/// One attempt to connect.
struct connection_facts {
  config::api_url url{};
  kube::call_phase reached{};              ///< where it ended
  std::optional<kube::failure> problem{};  ///< empty: it succeeded
  std::string protocol{};                  ///< of TLS, after a success
  net::certificate_facts server{};         ///< what it sent, refused or not; without a subject: nothing
  std::chrono::milliseconds took{0};
};

/// Name lookup, TCP, TLS: up to the one that failed.
findings check_connection(const connection_facts& facts, std::chrono::sys_seconds now);

/// An IMF-fixdate: "Sun, 22 Nov 2026 05:43:28 GMT" (RFC 9110, 5.6.7).
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

/// This node's clock against the API server's `Date`.
finding check_clock(std::string_view date, std::chrono::sys_seconds now);

}  // namespace sidecar::doctor
