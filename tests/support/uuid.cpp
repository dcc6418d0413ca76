#include "support/uuid.hpp"

#include <cstdint>
#include <random>

namespace sidecar::test {

std::string make_uuid() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const std::uint64_t halves[] = {(random() & ~0xf000ULL) | 0x4000ULL, (random() & ~(3ULL << 62)) | (2ULL << 62)};
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += digits[(halves[i / 16] >> (60 - 4 * (i % 16))) & 0xf];
  }
  return text;
}

}  // namespace sidecar::test
