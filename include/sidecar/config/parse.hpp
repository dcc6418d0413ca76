#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/config/config.hpp"

/// PURE. The grammar of single values. Nothing is trimmed, nothing throws.
namespace sidecar::config {

/// A hint what to write instead of the text that was refused.
struct refusal {
  std::string hint;
};

template <class T>
using parsed = std::variant<T, refusal>;

/// Digits only, no sign; leading zeros are accepted.
std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept;

/// `30s`, `900ms`, `2m`, `1h`, `1.5s`, `1m30s` or `0`, in whole milliseconds.
parsed<std::chrono::milliseconds> parse_duration(std::string_view text, std::chrono::milliseconds min,
                                                 std::chrono::milliseconds max);

/// The shortest form that parse_duration accepts: 90000ms is "1m30s".
std::string to_text(std::chrono::milliseconds duration);

/// Calls a second, `0` or up to a million, with decimals.
parsed<double> parse_rate(std::string_view text);

/// `[::]:3000`, `0.0.0.0:3000`, or `:3000` for every address, which may fall back to IPv4 like the default.
/// Port 0 lets the kernel choose. No names, no IPv6 zones.
parsed<listen_address> parse_listen(std::string_view text);

/// `https://host[:port]` or, on a loopback address, `http://host[:port]`.
parsed<api_url> parse_api_url(std::string_view text);

/// An IP literal, an IPv6 literal in brackets, or a DNS name; returned without brackets and in lower case. A name may
/// end in a dot, which keeps resolvers from trying search domains; the dot is kept.
std::optional<std::string> parse_host(std::string_view text);

/// An IP literal without brackets and without a zone.
bool is_address(std::string_view host);

/// "localhost", or an address of loopback in its shortest spelling.
bool is_loopback(std::string_view host);

/// A DNS name, in lower case and without its final dot. A name whose last label is a number is none: it would be read
/// as an IPv4 address.
std::optional<std::string> parse_dns_name(std::string_view text);

struct split_host {
  std::string_view host;                 ///< with its brackets
  std::optional<std::string_view> port;  ///< what follows the colon
};

/// `host[:port]` in two. An IPv6 address without brackets keeps its colons in `host`: callers test for that.
split_host split_port(std::string_view text) noexcept;

/// 0 to 65535; 0 lets the system choose one.
std::optional<std::uint16_t> parse_listen_port(std::string_view text) noexcept;

/// 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept;

}  // namespace sidecar::config
