#include "support/http_request.hpp"

#include <algorithm>
#include <charconv>

namespace sidecar::test {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return line;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

std::string decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [lower](char a, char b) { return lower(a) == lower(b); });
}

std::optional<std::string_view> http_request::field(std::string_view name) const {
  std::string_view rest = head;
  next_line(rest);
  for (std::string_view line = next_line(rest); !line.empty(); line = next_line(rest)) {
    const std::size_t colon = line.find(':');
    if (equal_ignoring_case(line.substr(0, colon), name)) return trim(line.substr(colon + 1));
  }
  return std::nullopt;
}

std::optional<std::size_t> http_request::content_length() const {
  const auto text = field("Content-Length");
  if (!text) return 0;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return value;
}

bool http_request::wants_close() const {
  const auto connection = field("Connection");
  if (minor_version == 0) return !connection || !equal_ignoring_case(*connection, "keep-alive");
  return connection && equal_ignoring_case(*connection, "close");
}

std::optional<http_request> parse_request(std::string_view head) {
  std::string_view rest = head;
  const std::string_view line = next_line(rest);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  http_request request{line.substr(0, first), line.substr(first + 1, last - first - 1), 1, head, {}};
  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.0") request.minor_version = 0;
  if (version != "HTTP/1.0" && version != "HTTP/1.1") return std::nullopt;
  if (!is_token(request.method) || !request.target.starts_with('/') ||
      request.target.find(' ') != std::string_view::npos)
    return std::nullopt;

  int hosts = 0;
  for (std::string_view field = next_line(rest); !field.empty(); field = next_line(rest)) {
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos || !is_token(field.substr(0, colon))) return std::nullopt;
    if (equal_ignoring_case(field.substr(0, colon), "Host")) ++hosts;
    if (equal_ignoring_case(field.substr(0, colon), "Transfer-Encoding")) return std::nullopt;
  }
  if (hosts > 1 || (request.minor_version == 1 && hosts == 0)) return std::nullopt;
  return request;
}

std::string decoded_path(std::string_view target) { return decode(target.substr(0, target.find('?'))); }

std::optional<std::string> query_value(std::string_view target, std::string_view name) {
  const std::size_t mark = target.find('?');
  std::string_view rest = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::size_t equals = pair.find('=');
    if (decode(pair.substr(0, equals)) != name) continue;
    return equals == std::string_view::npos ? std::string{} : decode(pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace sidecar::test
