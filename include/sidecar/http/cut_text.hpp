#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sidecar::http {

/// The first bytes of a client's text, at most `Max`, without an allocation. They stay as they came: whoever shows them
/// escapes them.
template <std::size_t Max>
class cut_text {
 public:
  static_assert(Max <= 255);
  static constexpr std::size_t max_size = Max;

  cut_text() noexcept = default;
  explicit cut_text(std::string_view text) noexcept { assign(text); }

  void assign(std::string_view text) noexcept {
    size_ = static_cast<std::uint8_t>(std::min(text.size(), Max));
    copy(text.data());
  }

  std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  /// Blocks of a fixed size, the last one overlapping: three texts are copied for every answer, and calls of memcpy for
  /// them would be the largest part of what a record costs.
  void copy(const char* text) noexcept {
    if (size_ >= 8) {
      for (std::size_t at = 0; at + 8 < size_; at += 8) copy_block<8>(text, at);
      copy_block<8>(text, size_ - 8U);
    } else if (size_ >= 4) {
      copy_block<4>(text, 0);
      copy_block<4>(text, size_ - 4U);
    } else if (size_ > 0) {
      bytes_[0] = text[0];
      bytes_[size_ / 2U] = text[size_ / 2U];
      bytes_[size_ - 1U] = text[size_ - 1U];
    }
  }

  template <std::size_t Size>
  void copy_block(const char* text, std::size_t at) noexcept {
    std::memcpy(bytes_.data() + at, text + at, Size);
  }

  std::uint8_t size_ = 0;
  std::array<char, Max> bytes_{};
};

}  // namespace sidecar::http
