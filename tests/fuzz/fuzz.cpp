#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>

namespace sidecar::fuzz {
namespace {

struct range {
  char32_t first;
  char32_t last;
};

// By Unicode's own names: controls, the Arabic letter mark, zero-width characters and bidirectional marks, line and
// paragraph separators, bidirectional embeddings, overrides and isolates, the byte order mark.
constexpr std::array unprintable{range{0, 0x1F},        range{0x7F, 0x9F},     range{0x61C, 0x61C},
                                 range{0x200B, 0x200F}, range{0x2028, 0x202E}, range{0x2066, 0x2069},
                                 range{0xFEFF, 0xFEFF}};

/// Takes one code point off; nothing if the text does not begin with one.
std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (size > text.size() || (lead >= 0x80 && lead < 0xC2) || lead > 0xF4) return std::nullopt;
  char32_t value = size == 1 ? lead : lead & (0xFFU >> (size + 1));
  for (const char next : text.substr(1, size - 1)) {
    if ((static_cast<unsigned char>(next) & 0xC0U) != 0x80U) return std::nullopt;
    value = value << 6U | (static_cast<unsigned char>(next) & 0x3FU);
  }
  text.remove_prefix(size);
  if ((size == 3 && value < 0x800) || (size == 4 && value < 0x10000)) return std::nullopt;
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return std::nullopt;
  return value;
}

}  // namespace

void require(bool kept, std::string_view promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

bool is_one_printable_line(std::string_view text) {
  while (!text.empty()) {
    const auto next = take_code_point(text);
    if (!next) return false;
    const auto holds = [value = *next](const range& one) { return value >= one.first && value <= one.last; };
    if (std::ranges::any_of(unprintable, holds)) return false;
  }
  return true;
}

unsigned choices::byte() {
  if (rest_.empty()) return 0;
  const auto value = static_cast<unsigned char>(rest_[0]);
  rest_.remove_prefix(1);
  return value;
}

std::vector<std::string_view> cut(std::string_view bytes, unsigned seed) {
  constexpr std::size_t most_pieces = 128;
  std::vector<std::string_view> pieces;
  std::minstd_rand random(seed + 1);
  const std::size_t longest = seed == 0 ? bytes.size() : seed == 1 ? 1 : std::size_t{2} << (seed % 8);
  while (!bytes.empty()) {
    const bool enough = pieces.size() == most_pieces;
    const std::size_t size = enough ? bytes.size() : seed < 2 ? longest : 1 + random() % longest;
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(pieces.back().size());
  }
  return pieces;
}

}  // namespace sidecar::fuzz
