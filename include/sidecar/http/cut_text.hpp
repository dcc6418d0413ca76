#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidecar::http {

/// The first bytes of a client's text, at most `Max`, without an allocation. They stay as they came: whoever shows them
/// escapes them.
template <std::size_t Max>
class cut_text {
 public:
  static_assert(Max <= 255);
  static constexpr std::size_t max_size = Max;

  constexpr cut_text() noexcept = default;
  constexpr explicit cut_text(std::string_view text) noexcept { assign(text); }

  constexpr void assign(std::string_view text) noexcept {
    size_ = static_cast<std::uint8_t>(std::min(text.size(), Max));
    std::copy_n(text.data(), size_, bytes_.data());
  }

  constexpr std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  constexpr bool empty() const noexcept { return size_ == 0; }

 private:
  std::uint8_t size_ = 0;
  std::array<char, Max> bytes_{};
};

}  // namespace sidecar::http
