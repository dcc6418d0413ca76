#include "sidecar/config/service_link.hpp"

#include <array>
#include <optional>

namespace sidecar::config {
namespace {

constexpr std::array<std::string_view, 3> protocols{"TCP", "UDP", "SCTP"};

bool is_number(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_link_url(std::string_view value) noexcept {
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
}

// Returns the rest after "<number>_TCP".
std::optional<std::string_view> after_port_and_protocol(std::string_view text) noexcept {
  const auto end_of_number = text.find('_');
  if (end_of_number == std::string_view::npos || !is_number(text.substr(0, end_of_number))) return std::nullopt;
  text.remove_prefix(end_of_number + 1);
  for (const std::string_view protocol : protocols) {
    if (text.starts_with(protocol)) return text.substr(protocol.size());
  }
  return std::nullopt;
}

// `tail` follows "<SERVICE>_PORT".
bool is_port_link(std::string_view tail, std::string_view value) noexcept {
  if (tail.empty()) return is_link_url(value);
  const auto kind = after_port_and_protocol(tail.substr(1));
  if (!tail.starts_with('_') || !kind) return false;
  if (kind->empty()) return is_link_url(value);
  return *kind == "_ADDR" || *kind == "_PROTO" || (*kind == "_PORT" && is_number(value));
}

// `tail` follows "<SERVICE>_SERVICE".
bool is_service_tail(std::string_view tail, std::string_view value) noexcept {
  if (tail == "_HOST") return true;
  return (tail == "_PORT" || tail.starts_with("_PORT_")) && is_number(value);
}

// True if `matches` accepts the rest after any `word` that starts a part of the name.
template <class Predicate>
bool any_tail(std::string_view name, std::string_view word, Predicate matches) noexcept {
  for (auto start = name.find(word); start != std::string_view::npos; start = name.find(word, start + 1)) {
    const bool starts_part = start == 0 || name[start - 1] == '_';
    if (starts_part && matches(name.substr(start + word.size()))) return true;
  }
  return false;
}

}  // namespace

bool is_service_link(std::string_view rest, std::string_view value) noexcept {
  return any_tail(rest, "SERVICE", [value](std::string_view tail) { return is_service_tail(tail, value); }) ||
         any_tail(rest, "PORT", [value](std::string_view tail) { return is_port_link(tail, value); });
}

}  // namespace sidecar::config
