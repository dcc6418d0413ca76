#include "sidecar/kube/token_claims.hpp"

#include <cstdint>
#include <optional>

#include "sidecar/config/dns1123.hpp"

namespace sidecar::kube {
namespace {

/// RFC 4648 section 5, without padding, as in JWTs. OpenSSL's decoder supports only the standard alphabet.
std::optional<std::string> decode_base64url(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned pending_bits = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == alphabet.npos) return std::nullopt;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    bytes.push_back(static_cast<char>(bits >> pending_bits & 0xFFU));
  }
  return bytes;
}

}  // namespace

std::string payload_of(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos) return {};
  return decode_base64url(token.substr(first + 1, second - first - 1)).value_or(std::string{});
}

token_claims read_claims(std::string_view token) {
  const auto tree = json::read_tree(payload_of(token));
  if (!tree) return {};
  const auto& kubernetes = (*tree)["kubernetes.io"];
  const auto& pod = kubernetes["pod"];
  token_claims claims{kubernetes["namespace"].text, pod["name"].text, pod["uid"].text};
  if (!config::is_dns1123_label(claims.namespace_name)) claims.namespace_name.clear();
  if (!config::is_dns1123_subdomain(claims.pod_name)) claims.pod_name.clear();
  return claims;
}

std::optional<std::chrono::sys_seconds> time_of_claim(const json::value& claim) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  const auto seconds = claim.integer;
  if (!seconds || *seconds < 0 || *seconds > end_of_9999) return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{*seconds}};
}

std::optional<std::chrono::sys_seconds> expiry_of(std::string_view token) {
  const auto tree = json::read_tree(payload_of(token));
  return tree ? time_of_claim((*tree)["exp"]) : std::nullopt;
}

}  // namespace sidecar::kube
