#include "sidecar/kube/token_claims.hpp"

#include <cstdint>
#include <new>
#include <optional>
#include <utility>

#include "sidecar/base/json_texts.hpp"
#include "sidecar/config/load.hpp"

namespace sidecar::kube {
namespace {

std::optional<std::uint32_t> base64url_value(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '-') return 62;
  if (c == '_') return 63;
  return std::nullopt;
}

/// RFC 4648 section 5, without padding, as JWTs have it. OpenSSL's decoder knows only the other alphabet.
std::optional<std::string> decode_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = base64url_value(c);
    if (!value) return std::nullopt;
    bits = (bits << 6U | *value) & 0xFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held & 0xFFU));
  }
  return bytes;
}

}  // namespace

token_claims read_claims(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos) return {};
  const auto payload = decode_base64url(token.substr(first + 1, second - first - 1));
  if (!payload) return {};
  auto texts = json::read_texts(
      *payload, {{"kubernetes.io", "namespace"}, {"kubernetes.io", "pod", "name"}, {"kubernetes.io", "pod", "uid"}});
  // Not the same as a token without claims: whoever asked has to ask again.
  if (!texts && texts.error() == boost::system::errc::not_enough_memory) throw std::bad_alloc{};
  if (!texts) return {};
  token_claims claims{std::move(texts->at(0)), std::move(texts->at(1)), std::move(texts->at(2))};
  if (!config::is_dns1123_label(claims.namespace_name)) claims.namespace_name.clear();
  if (!config::is_dns1123_subdomain(claims.pod_name)) claims.pod_name.clear();
  return claims;
}

}  // namespace sidecar::kube
