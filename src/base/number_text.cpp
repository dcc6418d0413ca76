#include "sidecar/base/number_text.hpp"

#include <array>
#include <charconv>

namespace sidecar {

std::string shortest_text(double number) {
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  return {digits.data(), written.ptr};
}

}  // namespace sidecar
