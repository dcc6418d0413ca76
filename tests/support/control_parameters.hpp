#pragma once

#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "support/http_request.hpp"

namespace sidecar::test {

/// @name Values of a control request's query; std::invalid_argument with a message for people.
/// @{
inline std::string required(std::string_view target, std::string_view name) {
  auto value = query_value(target, name);
  if (!value || value->empty()) throw std::invalid_argument{std::string{name} + " is missing"};
  return *std::move(value);
}

inline bool required_bool(std::string_view target, std::string_view name) {
  const std::string value = required(target, name);
  if (value != "true" && value != "false") throw std::invalid_argument{std::string{name} + " is true or false"};
  return value == "true";
}

inline std::size_t required_number(std::string_view target, std::string_view name) {
  const std::string text = required(target, name);
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument{std::string{name} + " is a number"};
  }
  return value;
}
/// @}

}  // namespace sidecar::test
