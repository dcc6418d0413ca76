#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sidecar::http {

/// The first bytes of a client's text, at most `Max`, without an allocation. They stay as they came: the caller that
/// shows them escapes them.
template <std::size_t Max>
class cut_text {
 public:
  static_assert(Max < 255);

  void assign(std::string_view text) noexcept {
    size_ = static_cast<std::uint8_t>(std::min(text.size(), Max + 1));
    std::copy_n(text.data(), std::min(text.size(), Max), bytes_.data());
  }

  std::string_view view() const noexcept { return {bytes_.data(), std::min<std::size_t>(size_, Max)}; }
  bool empty() const noexcept { return size_ == 0; }
  /// The text had more bytes.
  bool is_cut() const noexcept { return size_ > Max; }
  /// For the status page: a cut text ends in an ellipsis.
  std::string shown() const { return std::string(view()) + (is_cut() ? "\u2026" : ""); }

 private:
  std::uint8_t size_ = 0;  ///< Max + 1: the text was cut
  std::array<char, Max> bytes_{};
};

}  // namespace sidecar::http
