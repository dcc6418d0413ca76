#include "sidecar/http/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cstring>
#include <optional>

namespace sidecar::http {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using kind = proxy_header::kind;
using namespace std::string_view_literals;

constexpr auto line_start = "PROXY "sv;
constexpr auto signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t fixed_part = 16;  ///< of version 2: signature, version and command, family, length

unsigned byte_at(std::string_view bytes, std::size_t position) noexcept {
  return static_cast<unsigned char>(bytes[position]);
}

unsigned number_at(std::string_view bytes, std::size_t position) noexcept {
  return byte_at(bytes, position) << 8U | byte_at(bytes, position + 1);
}

/// True if `bytes` are an incomplete `whole`.
bool is_beginning(std::string_view bytes, std::string_view whole) noexcept {
  return bytes.size() < whole.size() && whole.starts_with(bytes);
}

/// Removes and returns the text up to the next space or the end.
std::string_view next_word(std::string_view& rest) noexcept {
  const auto space = rest.find(' ');
  const auto word = rest.substr(0, space);
  rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
  return word;
}

std::optional<std::uint16_t> port_of(std::string_view word) noexcept {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), port);
  if (failed != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  if (word.size() > 1 && word[0] == '0') return std::nullopt;
  return port;
}

/// Copies the word, since Asio expects a terminated string; no address is longer than the buffer.
std::optional<address> address_of(std::string_view word, bool is_v6) noexcept {
  std::array<char, 48> text{};
  // Asio would accept a zone ("fe80::1%eth0"), and stop at a NUL.
  if (word.empty() || word.size() >= text.size() || word.find_first_of(std::string_view("%\0", 2)) != word.npos)
    return std::nullopt;
  std::copy(word.begin(), word.end(), text.begin());
  boost::system::error_code failed;
  address made;
  if (is_v6) {
    made = boost::asio::ip::make_address_v6(text.data(), failed);
  } else {
    made = boost::asio::ip::make_address_v4(text.data(), failed);
  }
  if (failed) return std::nullopt;
  return made;
}

/// The source in a version 1 line without its CRLF; empty if the line is malformed or UNKNOWN.
std::optional<address> source_in_line(std::string_view line) noexcept {
  line.remove_prefix(line_start.size());
  const auto family = next_word(line);
  if (family != "TCP4" && family != "TCP6") return std::nullopt;
  const bool is_v6 = family == "TCP6";
  auto source = address_of(next_word(line), is_v6);
  const auto destination = address_of(next_word(line), is_v6);
  const auto source_port = port_of(next_word(line));
  const auto destination_port = port_of(line);
  if (!source || !destination || !source_port || !destination_port) return std::nullopt;
  return source;
}

bool is_unknown(std::string_view line) noexcept {
  line.remove_prefix(line_start.size());
  // What follows must be ignored, 2.1.
  return next_word(line) == "UNKNOWN";
}

proxy_header read_line(std::string_view bytes) noexcept {
  const auto bounded = bytes.substr(0, proxy_line_bytes);
  const auto end = bounded.find('\n');
  if (end == bounded.npos) return {bytes.size() < proxy_line_bytes ? kind::need_more : kind::malformed};
  if (bounded[end - 1] != '\r') return {kind::malformed};
  const auto line = bounded.substr(0, end - 1);
  const bool good = is_unknown(line) || source_in_line(line);
  return {good ? kind::complete : kind::malformed, end + 1};
}

/// The size of a family's addresses: AF_INET, AF_INET6 and AF_UNIX, stream or datagram. An unknown family must be
/// accepted without its addresses (2.2).
std::size_t addresses_of(unsigned family) noexcept {
  switch (family >> 4U) {
    case 1:
      return 12;
    case 2:
      return 36;
    case 3:
      return 216;
    default:
      return 0;
  }
}

proxy_header read_binary(std::string_view bytes) noexcept {
  constexpr unsigned version = 0x20;
  constexpr unsigned command_proxy = 1;
  if (bytes.size() > signature.size()) {
    const auto command = byte_at(bytes, signature.size());
    if ((command & 0xF0U) != version || (command & 0x0FU) > command_proxy) return {kind::malformed};
  }
  if (bytes.size() < fixed_part) return {kind::need_more};
  const std::size_t rest = number_at(bytes, fixed_part - 2);
  const bool is_local = (byte_at(bytes, signature.size()) & 0x0FU) != command_proxy;
  if (fixed_part + rest > proxy_header_bytes) return {kind::malformed};
  if (!is_local && rest < addresses_of(byte_at(bytes, signature.size() + 1))) return {kind::malformed};
  return {bytes.size() < fixed_part + rest ? kind::need_more : kind::complete, fixed_part + rest};
}

template <class Address>
Address read_source(std::string_view addresses) {
  typename Address::bytes_type raw{};
  std::memcpy(raw.data(), addresses.data(), raw.size());
  return Address(raw);
}

std::optional<address> source_in_binary(std::string_view header) {
  if ((byte_at(header, signature.size()) & 0x0FU) == 0) return std::nullopt;
  const auto addresses = header.substr(fixed_part);
  switch (byte_at(header, signature.size() + 1) >> 4U) {
    case 1:
      return read_source<address_v4>(addresses);
    case 2:
      return read_source<address_v6>(addresses);
    default:
      return std::nullopt;
  }
}

std::optional<address> source_of(std::string_view header) {
  if (!header.starts_with(line_start)) return source_in_binary(header);
  return source_in_line(header.substr(0, header.size() - 2));
}

}  // namespace

proxy_header read_proxy_header(std::string_view bytes) noexcept {
  // Nearly every connection starts without a header.
  if (!bytes.empty() && bytes[0] != line_start[0] && bytes[0] != signature[0]) return {kind::absent};
  if (bytes.starts_with(line_start)) return read_line(bytes);
  if (bytes.starts_with(signature)) return read_binary(bytes);
  const bool may_become_one = is_beginning(bytes, line_start) || is_beginning(bytes, signature);
  return {may_become_one ? kind::need_more : kind::absent};
}

std::string proxied_source(std::string_view header) {
  const auto source = source_of(header);
  return source ? source->to_string() : "the proxy itself";
}

}  // namespace sidecar::http
