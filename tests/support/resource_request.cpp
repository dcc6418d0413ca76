#include "support/resource_request.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

namespace sidecar::test {
namespace {

// apimachinery: pkg/runtime/conversion.go, a parameter without a value is true.
bool flag(const http_request& request, std::string_view name) {
  const auto value = query_value(request.target, name);
  return value && *value != "0" && !equal_ignoring_case(*value, "false");
}

// apiserver: pkg/endpoints/request/requestinfo.go. A method it does not know is the verb "".
std::string verb_of(const http_request& request, bool has_name) {
  const std::string_view method = request.method;
  if (method == "GET" || method == "HEAD") return has_name ? "get" : flag(request, "watch") ? "watch" : "list";
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "PATCH") return "patch";
  if (method == "DELETE") return has_name ? "delete" : "deletecollection";
  return "";
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin) parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool parse_number(const std::string& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

// The path is cut after it was decoded, as the real server does: %2f makes a subresource.
std::optional<resource_request> parse_resource(const http_request& request) {
  std::vector<std::string> parts = split(decoded_path(request.target));
  if (parts.size() < 3 || parts[0] != "api" || parts[1] != "v1") return std::nullopt;
  parts.erase(parts.begin(), parts.begin() + 2);
  resource_request result;
  if (parts[0] == "namespaces" && parts.size() > 2) {
    result.name_space = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  result.kind = result.resource = parts[0];
  if (parts.size() > 1) result.name = parts[1];
  if (parts.size() > 2) result.resource += "/" + parts[2];
  result.verb = verb_of(request, !result.name.empty());
  if (result.verb == "list" || result.verb == "watch") {
    result.name = parse_selection(request, resource_kind::pods, result.name_space).selection.name;
  }
  const std::string version = query_value(request.target, "resourceVersion").value_or("");
  if (result.verb == "list" && !parse_number(version, result.not_older)) result.not_older = 0;
  return result;
}

std::optional<resource_kind> resource_of(const std::optional<resource_request>& request) noexcept {
  for (const resource_kind kind : resource_kinds) {
    if (request && request->resource == words_of(kind).plural) return kind;
  }
  return std::nullopt;
}

bool is_of_nodes(const std::optional<resource_request>& request) noexcept {
  return resource_of(request) == resource_kind::nodes;
}

asked_for kind_of(const std::optional<resource_request>& request) noexcept {
  if (!resource_of(request)) return asked_for::anything;
  if (request->verb == "get") return asked_for::get;
  if (request->verb == "list") return asked_for::list;
  return request->verb == "watch" ? asked_for::watch : asked_for::anything;
}

watch_query parse_watch(const http_request& request, resource_kind kind, const std::string& name_space) {
  watch_query result;
  selection_query selected = parse_selection(request, kind, name_space);
  watch_request wanted{std::move(selected.selection), std::nullopt, flag(request, "allowWatchBookmarks")};
  const std::string version = query_value(request.target, "resourceVersion").value_or("");
  std::uint64_t since = 0;
  if (!version.empty() && !parse_number(version, since)) result.bad_version = version;
  if (since != 0) wanted.since = since;
  const std::string seconds = query_value(request.target, "timeoutSeconds").value_or("");
  if (!seconds.empty() && !parse_number(seconds, wanted.seconds)) {
    result.bad_request = "strconv.ParseInt: parsing \"" + seconds + "\": invalid syntax";
  } else {
    result.bad_request = selected.mistake;
  }
  if (result.bad_version.empty() && result.bad_request.empty()) result.request = std::move(wanted);
  return result;
}

}  // namespace sidecar::test
