#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/parse.hpp"

/// PURE. The request that `probe` sends, and where.
namespace sidecar::probe {

/// A health port and the path on it.
struct probe_url {
  bool tls = false;
  std::string host{};  ///< an IP literal without brackets, or a DNS name
  std::uint16_t port = 80;
  std::string target = "/";  ///< path and query
};

/// `http://host[:port][/path][?query]`, or https. Refuses a user, a fragment and what would have to be escaped.
config::parsed<probe_url> parse_probe_url(std::string_view text);

/// The path and query of a URL, with its leading slash.
config::parsed<std::string> parse_probe_target(std::string_view text);

struct probe_request {
  probe_url url;
  std::vector<std::string> addresses{};  ///< IP literals to try in turn; empty: the url's host is looked up
  std::string server_name{};             ///< what the certificate must be valid for; empty: the url's host
  std::vector<std::string> headers{};    ///< "Name: value", checked
  std::string ca{};                      ///< PEM; for TLS
  std::string certificate{};             ///< PEM; empty: none is sent
  std::string key{};
  std::chrono::milliseconds timeout{1000};  ///< for everything: lookup, connect, TLS, request, response
};

/// What is wrong with a --header; empty: nothing. Fields that would change where the request ends are refused.
std::string header_problem(std::string_view header);

/// The bytes of the request: a GET with `Connection: close`. A Host or User-Agent among the headers replaces ours.
std::string render(const probe_request& request);

}  // namespace sidecar::probe
