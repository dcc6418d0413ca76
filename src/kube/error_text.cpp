#include "sidecar/kube/error_text.hpp"

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/json.hpp"

namespace sidecar::kube {
namespace {

constexpr std::size_t max_error_text = 256;

/// More than any error page has before its first words; a hostile page may have megabytes.
constexpr std::size_t max_markup = 8 * 1024;

/// In HTML `<...>` counts as a blank, which suffices for the error pages of proxies.
std::string text_of(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  const bool is_html = first != body.npos && body[first] == '<';
  std::string text;
  bool in_tag = false;
  bool is_apart = false;
  for (const char c : body.substr(0, max_markup)) {
    if (is_html && c == '<') in_tag = true;
    if (in_tag || is_space(c)) {
      is_apart = true;
      in_tag = in_tag && c != '>';
      continue;
    }
    if (is_apart && !text.empty()) text += ' ';
    is_apart = false;
    text += c;
    if (text.size() >= max_error_text) break;
  }
  return text.substr(0, max_error_text);
}

}  // namespace

std::optional<api_status> parse_status(std::string_view json) {
  const auto tree = json::read_tree(json, json::only({"kind", "reason", "message", "details", "name"}));
  if (!tree || (*tree)["kind"].text != "Status") return std::nullopt;
  const auto& details = (*tree)["details"];
  return api_status{.reason = (*tree)["reason"].text,
                    .message = (*tree)["message"].text,
                    .details_name = details["name"].text,
                    .details_kind = details["kind"].text};
}

std::string error_text(std::string_view body) {
  const auto status = parse_status(body);
  return status ? status->message : text_of(body);
}

}  // namespace sidecar::kube
