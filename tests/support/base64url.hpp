#pragma once

#include <string>
#include <string_view>

namespace sidecar::test {

inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Without padding (RFC 4648, 5; RFC 7515, 2).
inline std::string to_base64url(std::string_view bytes) {
  std::string text;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U | static_cast<unsigned char>(c)) & 0xFFFFU;
    for (held += 8; held >= 6; held -= 6) text.push_back(base64url_alphabet[bits >> (held - 6) & 63U]);
  }
  if (held > 0) text.push_back(base64url_alphabet[bits << (6 - held) & 63U]);
  return text;
}

/// For text that is base64url.
inline std::string from_base64url(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    bits = (bits << 6U) | static_cast<unsigned>(base64url_alphabet.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFU);
  }
  return bytes;
}

}  // namespace sidecar::test
