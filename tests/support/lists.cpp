#include "support/lists.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "support/base64url.hpp"

namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t max_pages = 64;

template <class Number>
bool parse_number(const std::string& text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// apimachinery: pkg/apis/meta/internalversion/validation.
answer make_invalid_options(const std::string& message) {
  const ordered_json cause{
      {"reason", "FieldValueForbidden"}, {"message", "Forbidden: " + message}, {"field", "resourceVersionMatch"}};
  const ordered_json details{{"group", "meta.k8s.io"}, {"kind", "ListOptions"}, {"causes", {cause}}};
  return make_status(422, "Invalid",
                     "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: " + message,
                     details.dump());
}

/// Where the next page begins, as etcd3's storage has it (apiserver: pkg/storage/continue.go).
struct list_position {
  std::uint64_t version = 0;
  key_order::key after;
};

std::string token_of(const list_position& position) {
  const std::string start = "/" + position.after.first + "/" + position.after.second + std::string(1, '\0');
  const ordered_json token{{"v", "meta.k8s.io/v1"}, {"rv", position.version}, {"start", start}};
  return to_base64url(token.dump());
}

std::optional<list_position> parse_token(const std::string& token) {
  const auto json = ordered_json::parse(from_base64url(token), nullptr, false);
  if (!json.is_object() || !json.contains("rv") || !json["rv"].is_number_unsigned() || !json.contains("start") ||
      !json["start"].is_string()) {
    return std::nullopt;
  }
  const auto start = json["start"].get<std::string>();
  const std::size_t slash = start.find('/', 1);
  if (!start.starts_with('/') || slash == std::string::npos || start.back() != '\0') return std::nullopt;
  return list_position{json["rv"].get<std::uint64_t>(),
                       {start.substr(1, slash - 1), start.substr(slash + 1, start.size() - slash - 2)}};
}

/// The real server's encoder writes the metadata, each item and the end on their own.
void append(answer& result, std::string& text, std::string_view part) {
  result.written_in.push_back(part.size());
  text += part;
}

}  // namespace

bool key_order::operator()(const key& left, const key& right) const {
  return left.first == right.first ? left.second < right.second
                                   : left.first + '/' + left.second < right.first + '/' + right.second;
}

list_query parse_list(const http_request& request, resource_kind kind, const std::string& name_space) {
  const auto value = [&request](std::string_view name) { return query_value(request.target, name).value_or(""); };
  selection_query selected = parse_selection(request, kind, name_space);
  if (!selected.mistake.empty()) return {{}, make_status(400, "BadRequest", selected.mistake)};
  list_request wanted{std::move(selected.selection), 0, 0, value("continue")};
  const std::string version = value("resourceVersion");
  const std::string match = value("resourceVersionMatch");
  const std::string limit = value("limit");
  if (!match.empty() && version.empty()) {
    return {{}, make_invalid_options("resourceVersionMatch is forbidden unless resourceVersion is provided")};
  }
  if (!match.empty() && !wanted.continued.empty()) {
    return {{}, make_invalid_options("resourceVersionMatch is forbidden when continue is provided")};
  }
  if (!match.empty() && match != "NotOlderThan") {
    return {{}, make_status(400, "BadRequest", "resourceVersionMatch not known to the stand-in: " + match)};
  }
  if (!version.empty() && !parse_number(version, wanted.not_older)) return {{}, make_not_a_version(version)};
  if (wanted.not_older != 0 && !wanted.continued.empty()) {
    return {{}, make_status(400, "BadRequest", "specifying resource version is not allowed when using continue")};
  }
  if (!limit.empty() && !parse_number(limit, wanted.limit)) {
    return {{}, make_status(400, "BadRequest", "strconv.ParseInt: parsing \"" + limit + "\": invalid syntax")};
  }
  // From the watch cache, which has no pages.
  if (version == "0") wanted.limit = 0;
  return {std::move(wanted), {}};
}

answer object_lists::respond(const list_request& wanted, const object_states& now, std::uint64_t version) {
  if (wanted.not_older > version) return make_too_large_version(wanted.not_older, version);
  if (wanted.continued.empty()) return show(wanted, {version, {std::shared_ptr<void>{}, &now}}, {});
  const auto position = parse_token(wanted.continued);
  if (!position) return make_status(400, "BadRequest", "continue key is not valid: " + wanted.continued);
  const auto found = std::find_if(pages_.begin(), pages_.end(),
                                  [&position](const page& kept) { return kept.version == position->version; });
  if (found == pages_.end()) {
    return make_status(410, "Expired",
                       "The provided continue parameter is too old to display a consistent list result.");
  }
  return show(wanted, page{*found}, position->after);
}

answer object_lists::show(const list_request& wanted, const page& shown, const key_order::key& from) {
  std::size_t limit = wanted.limit;
  if (page_size_ != 0) limit = limit == 0 ? page_size_ : std::min(limit, page_size_);
  std::vector<const object_state*> items;
  std::optional<list_position> next;
  for (auto at = shown.objects->upper_bound(from); at != shown.objects->end(); ++at) {
    if (!wanted.selection.takes(at->second)) continue;
    if (limit != 0 && items.size() == limit) {
      next = list_position{shown.version, {items.back()->name_space, items.back()->name}};
      break;
    }
    items.push_back(at->second.get());
  }

  answer result;
  std::string text;
  append(result, text,
         R"({"kind":")" + std::string{words_of(wanted.selection.kind).kind} +
             R"(List","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(shown.version) + '"' +
             (next ? R"(,"continue":")" + token_of(*next) + '"' : "") + R"(},"items":[)");
  for (const object_state* item : items) append(result, text, (item == items.front() ? "" : ",") + item->item);
  append(result, text, "]}\n");
  result.body = std::make_shared<const std::string>(std::move(text));
  const auto same = [&shown](const page& kept) { return kept.version == shown.version; };
  if (next && std::none_of(pages_.begin(), pages_.end(), same)) {
    pages_.push_back({shown.version, std::make_shared<const object_states>(*shown.objects)});
    if (pages_.size() > max_pages) pages_.pop_front();
  }
  return result;
}

}  // namespace sidecar::test
