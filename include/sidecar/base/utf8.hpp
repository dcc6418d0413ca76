#pragma once

#include <cstddef>
#include <string_view>

namespace sidecar {

/// PURE. At most `max` bytes from the start of a text in UTF-8, and no part of a character.
constexpr std::string_view first_characters(std::string_view text, std::size_t max) noexcept {
  if (text.size() <= max) return text;
  while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0U) == 0x80U) --max;
  return text.substr(0, max);
}

}  // namespace sidecar
