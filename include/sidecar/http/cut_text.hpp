#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sidecar::http {

/// The first bytes of a client's text, at most `Max`, without an allocation. They stay as they came: the caller that
/// shows them escapes them.
template <std::size_t Max>
class cut_text {
 public:
  static_assert(Max < 255);
  static constexpr std::size_t max_size = Max;

  cut_text() noexcept = default;
  explicit cut_text(std::string_view text) noexcept { assign(text); }

  void assign(std::string_view text) noexcept {
    size_ = static_cast<std::uint8_t>(std::min(text.size(), Max + 1));
    copy(text.data(), std::min(text.size(), Max));
  }

  std::string_view view() const noexcept { return {bytes_.data(), std::min<std::size_t>(size_, Max)}; }
  bool empty() const noexcept { return size_ == 0; }
  /// The text had more bytes.
  bool is_cut() const noexcept { return size_ > Max; }
  /// For people: a cut text ends in an ellipsis.
  std::string shown() const { return std::string(view()) + (is_cut() ? "\u2026" : ""); }

 private:
  /// Blocks of a fixed size, the last one overlapping: three texts are copied for every answer, and calls of memcpy for
  /// them would be the largest part of what a record costs.
  void copy(const char* text, std::size_t size) noexcept {
    if (size >= 8) {
      for (std::size_t at = 0; at + 8 < size; at += 8) copy_block<8>(text, at);
      copy_block<8>(text, size - 8);
    } else if (size >= 4) {
      copy_block<4>(text, 0);
      copy_block<4>(text, size - 4);
    } else if (size > 0) {
      bytes_[0] = text[0];
      bytes_[size / 2] = text[size / 2];
      bytes_[size - 1] = text[size - 1];
    }
  }

  template <std::size_t Size>
  void copy_block(const char* text, std::size_t at) noexcept {
    std::memcpy(bytes_.data() + at, text + at, Size);
  }

  std::uint8_t size_ = 0;  ///< Max + 1: the text was cut
  std::array<char, Max> bytes_{};
};

}  // namespace sidecar::http
