#include "sidecar/kube/response_leniency.hpp"

#include <algorithm>

namespace sidecar::kube {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view blanks = " \t";

}  // namespace

std::size_t missing_blank(std::string_view head) noexcept {
  constexpr std::string_view form = "HTTP/0.0 000\r";
  if (head.size() < form.size()) return 0;
  const bool is_bare = std::ranges::equal(head.substr(0, form.size()), form, [](char found, char expected) {
    return expected == '0' ? found >= '0' && found <= '9' : found == expected;
  });
  return is_bare ? form.size() - 1 : 0;
}

chunk_blanks find_chunk_blanks(std::string_view bytes) noexcept {
  const std::size_t begin = bytes.starts_with(line_end) ? line_end.size() : 0;
  auto end = bytes.find(line_end, begin);
  const bool is_complete = end != bytes.npos;
  if (!is_complete) end = bytes.size() - (bytes.substr(begin).ends_with('\r') ? 1 : 0);
  const auto line = bytes.substr(begin, end - begin);
  // For a line of blanks only find_last_not_of + 1 is 0; Beast refuses such a line.
  const auto size = line.find_last_not_of(blanks) + 1;
  if (size == 0 || size == line.size()) return {};
  if (!is_complete) return {.is_open = true};
  return {.begin = begin + size, .size = line.size() - size};
}

}  // namespace sidecar::kube
