#include "fuzz/first_line.hpp"

#include <algorithm>
#include <string>

namespace sidecar::fuzz {
namespace {

constexpr std::string_view pattern = "HTTP/0.0";

/// The end of a line, given without its line end and spaces: " HTTP/d.d", or that alone.
bool ends_with_version(std::string_view line) {
  if (line.size() < pattern.size()) return false;
  const auto word = line.substr(line.size() - pattern.size());
  const bool begins = line.size() == pattern.size() || line[line.size() - pattern.size() - 1] == ' ';
  return begins && std::ranges::equal(word, pattern, [](char has, char wanted) {
           return wanted == '0' ? has >= '0' && has <= '9' : has == wanted;
         });
}

bool is_version_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ')) line.remove_suffix(1);
  return ends_with_version(line);
}

bool is_printable(char c) { return c > ' ' && c < '\x7f'; }

}  // namespace

due due_to(std::string_view bytes, std::size_t limit) {
  bytes = bytes.substr(0, limit);
  const auto end = bytes.find('\n');
  if (end == bytes.npos || (bytes[0] != ' ' && !is_printable(bytes[0]))) return due::nothing;
  const auto line = bytes.substr(0, end);
  if (is_version_line(line)) return due::answer;
  if (!line.starts_with("GET ") || !line.ends_with('\r')) return due::nothing;
  const auto target = line.substr(4, line.size() - 5);
  return !target.empty() && std::ranges::all_of(target, is_printable) ? due::bare_body : due::nothing;
}

std::size_t lines_with_version(std::string_view bytes) {
  std::size_t count = 0;
  for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
    count += is_version_line(bytes.substr(0, end)) ? 1U : 0U;
    bytes.remove_prefix(end + 1);
  }
  return count;
}

}  // namespace sidecar::fuzz
