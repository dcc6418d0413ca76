#include "sidecar/config/parse.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sidecar/base/ascii.hpp"

namespace sidecar::config {
namespace {

using std::chrono::milliseconds;

struct unit {
  std::string_view name;
  std::uint64_t in_milliseconds;
};
constexpr std::array<unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

constexpr std::string_view lower_letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";

std::string_view take_while(std::string_view& text, std::string_view alphabet) noexcept {
  const std::string_view taken = text.substr(0, text.find_first_not_of(alphabet));
  text.remove_prefix(taken.size());
  return taken;
}

bool is_zero(std::string_view number) noexcept {
  return number.find('0') == 0 && number.back() == '0' && number.find_first_not_of("0.") == std::string_view::npos &&
         std::ranges::count(number, '.') <= 1;
}

// A number such as "12" or "1.5" in front of a unit. It is kept as two whole numbers, as 0.1 has no exact double.
struct decimal {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;  // the number is whole + fraction / scale
};

// Far beyond every bound we have, and yet no product of it below can overflow. Larger numbers count as this one, so
// that they are refused for their size and not for their form.
constexpr std::uint64_t huge = 1'000'000'000;

std::optional<decimal> take_decimal(std::string_view& text) noexcept {
  constexpr std::size_t most_digits = 9;
  const std::string_view whole = take_while(text, digits);
  if (whole.empty()) return std::nullopt;
  decimal out{.whole = std::min(parse_digits(whole).value_or(huge), huge)};
  if (!text.starts_with('.')) return out;
  text.remove_prefix(1);
  const std::string_view fraction = take_while(text, digits);
  if (fraction.empty() || fraction.size() > most_digits) return std::nullopt;
  for (const char digit : fraction) {
    out.fraction = out.fraction * 10 + static_cast<std::uint64_t>(digit - '0');
    out.scale *= 10;
  }
  return out;
}

// Whole milliseconds, or nothing if the text is no duration. Units come largest first and once each, as in 1h30m.
std::optional<std::uint64_t> parse_units(std::string_view text) noexcept {
  std::uint64_t total = 0;
  auto smaller = units.begin();
  do {
    const auto number = take_decimal(text);
    const auto name = take_while(text, lower_letters);
    const auto found = std::find_if(smaller, units.end(), [name](const unit& one) { return one.name == name; });
    if (!number || found == units.end()) return std::nullopt;
    const std::uint64_t scaled_fraction = number->fraction * found->in_milliseconds;
    if (scaled_fraction % number->scale != 0) return std::nullopt;
    total += number->whole * found->in_milliseconds + scaled_fraction / number->scale;
    smaller = found + 1;
  } while (!text.empty());
  return total;
}

bool is_plain_number(std::string_view text) noexcept {
  const std::string_view whole = take_while(text, digits);
  if (text.starts_with('.')) text.remove_prefix(1);
  take_while(text, digits);
  return !whole.empty() && text.empty();
}

// inet_pton wants a terminated string and would stop at an embedded NUL.
template <class Address>
bool is_address(int family, std::string_view text) {
  constexpr std::size_t longest = 45;
  Address out{};
  return text.size() <= longest && text.find('\0') == std::string_view::npos &&
         ::inet_pton(family, std::string{text}.c_str(), &out) == 1;
}
bool is_ipv4(std::string_view text) { return is_address<in_addr>(AF_INET, text); }
bool is_ipv6(std::string_view text) { return is_address<in6_addr>(AF_INET6, text); }

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), to_lower);
  return out;
}

bool is_dns_label(std::string_view text) noexcept {
  constexpr std::size_t longest = 63;
  return !text.empty() && text.size() <= longest && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// A name whose last label is a number is an IPv4 address gone wrong, such as 10.0.0.256.
bool is_dns_name(std::string_view text) noexcept {
  constexpr std::size_t longest = 253;
  if (text.size() > longest) return false;
  for (auto dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    if (!is_dns_label(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_dns_label(text) && text.find_first_not_of(digits) != std::string_view::npos;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (is_ipv4(host) && host.starts_with("127."));
}

struct host_and_port {
  std::string_view host;                 // with its brackets
  std::optional<std::string_view> port;  // what follows the colon
};

// An IPv6 address without brackets keeps its colons in `host`, which is how callers notice.
host_and_port split_port(std::string_view text) noexcept {
  const auto host_end = text.starts_with('[') ? text.find(']') : 0;
  if (host_end == std::string_view::npos) return {text, std::nullopt};
  const auto colon = host_end == 0 ? text.rfind(':') : text.find(':', host_end);
  if (colon == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string_view without_brackets(std::string_view host) noexcept {
  if (host.size() < 2 || !host.starts_with('[') || !host.ends_with(']')) return {};
  return host.substr(1, host.size() - 2);
}

refusal url_refusal() {
  return {
      "write https://host or https://host:port, with an IP address ([::1] in brackets) or a DNS name, and no path, "
      "query or user"};
}

parsed<api_url> parse_authority(std::string_view authority, api_url url) {
  const auto [host_text, port_text] = split_port(authority);
  const bool bare_ipv6 = host_text.find(':') != std::string_view::npos && !host_text.starts_with('[');
  const auto host = parse_host(host_text);
  if (bare_ipv6 || !host) return url_refusal();
  url.host = *host;
  if (port_text) {
    const auto port = parse_port(*port_text);
    if (!port) return refusal{"the port is a number from 1 to 65535, as in https://10.0.0.1:6443"};
    url.port = *port;
  }
  if (!url.tls && !is_loopback(url.host)) {
    return refusal{
        "http:// only goes to a loopback address, such as http://127.0.0.1:8001 of kubectl proxy; write "
        "https:// here"};
  }
  return url;
}

}  // namespace

std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

parsed<milliseconds> parse_duration(std::string_view text, milliseconds least, milliseconds most) {
  if (!is_zero(text) && is_plain_number(text)) {
    const std::string number{text.substr(0, 9)};
    return refusal{"add a unit, as in " + number + "s or " + number + "ms (h, m, s and ms are known)"};
  }
  const auto value = is_zero(text) ? std::optional<std::uint64_t>{0} : parse_units(text);
  if (!value) return refusal{"write a duration such as 30s, 900ms, 2m, 1h, 1m30s or 0, in whole milliseconds"};
  const milliseconds duration{static_cast<milliseconds::rep>(*value)};
  if (duration < least) return refusal{"write at least " + to_text(least)};
  if (duration > most) return refusal{"write at most " + to_text(most)};
  return duration;
}

std::string to_text(milliseconds duration) {
  if (duration <= milliseconds::zero()) return "0";
  std::string out;
  auto rest = static_cast<std::uint64_t>(duration.count());
  for (const unit& one : units) {
    if (rest < one.in_milliseconds) continue;
    out += std::to_string(rest / one.in_milliseconds) + std::string{one.name};
    rest %= one.in_milliseconds;
  }
  return out;
}

parsed<double> parse_rate(std::string_view text) {
  constexpr std::size_t longest = 32;
  constexpr double most = 1'000'000;
  double value = 0;
  const bool plain = is_plain_number(text) && text.size() <= longest;
  if (!plain || std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{} || value > most) {
    return refusal{"write calls per second as a number from 0 to 1000000, such as 10 or 2.5; 0 is unlimited"};
  }
  return value;
}

parsed<listen_address> parse_listen(std::string_view text) {
  const refusal general{"write address:port, such as [::]:3000, 0.0.0.0:3000, or :3000 for every address"};
  const auto [host, port_text] = split_port(text);
  if (is_ipv6(text)) return refusal{"put brackets round an IPv6 address, as in [::1]:3000"};
  if (!port_text) return general;
  const auto port = parse_digits(*port_text);
  if (!port || *port > 65'535) return refusal{"the port is a number from 0 to 65535, as in :3000"};
  const auto number = static_cast<std::uint16_t>(*port);
  if (host.empty()) return listen_address{.address = "::", .port = number, .defaulted = true};
  if (is_ipv4(host)) return listen_address{.address = std::string{host}, .port = number, .defaulted = false};
  const std::string_view inside = without_brackets(host);
  if (is_ipv6(inside)) return listen_address{.address = std::string{inside}, .port = number, .defaulted = false};
  if (is_ipv6(host)) return refusal{"put brackets round an IPv6 address, as in [::1]:3000"};
  if (inside.find('%') != std::string_view::npos) return refusal{"write the IPv6 address without a zone"};
  if (is_dns_name(lower(host))) return refusal{"write an IP address instead of a name, or :3000 for every address"};
  return general;
}

parsed<api_url> parse_api_url(std::string_view text) {
  constexpr std::string_view with_tls = "https://";
  constexpr std::string_view without_tls = "http://";
  api_url url;
  url.tls = text.starts_with(with_tls);
  if (!url.tls && !text.starts_with(without_tls)) return url_refusal();
  url.port = url.tls ? 443 : 80;
  text.remove_prefix(url.tls ? with_tls.size() : without_tls.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  return parse_authority(text, url);
}

std::optional<std::string> parse_host(std::string_view text) {
  const std::string_view inside = without_brackets(text);
  if (is_ipv6(inside)) return lower(inside);
  const std::string host = lower(text);
  if (is_ipv4(host) || is_ipv6(host) || is_dns_name(host)) return host;
  return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  const auto value = parse_digits(text);
  if (!value || *value == 0 || *value > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

}  // namespace sidecar::config
