#include "support/selection.hpp"

#include <algorithm>
#include <string_view>

namespace sidecar::test {
namespace {

std::string text_at(const document_json& json, const char* pointer) {
  const nlohmann::json_pointer<std::string> path{pointer};
  return json.contains(path) && json.at(path).is_string() ? json.at(path).get<std::string>() : std::string{};
}

std::string item_of(document_json item) {
  item.erase("kind");
  item.erase("apiVersion");
  return item.dump(-1, ' ', false, document_json::error_handler_t::replace);
}

std::vector<std::string> terms_of(const std::string& selector) {
  std::vector<std::string> terms;
  for (std::size_t begin = 0; begin < selector.size();) {
    const std::size_t end = std::min(selector.find(',', begin), selector.size());
    terms.push_back(selector.substr(begin, end - begin));
    begin = end + 1;
  }
  return terms;
}

/// `key`, `key=value` or `key==value`; nothing for anything else.
std::optional<object_selection::label> parse_term(const std::string& term) {
  const std::size_t equals = term.find('=');
  object_selection::label result{term.substr(0, equals), std::nullopt};
  if (equals != std::string::npos) {
    const std::size_t value = term.compare(equals, 2, "==") == 0 ? equals + 2 : equals + 1;
    result.value = term.substr(value);
  }
  const auto plain = [](const std::string& text) { return text.find_first_of("=!<>() ") == std::string::npos; };
  if (result.key.empty() || !plain(result.key) || (result.value && !plain(*result.value))) return std::nullopt;
  return result;
}

bool take_field(object_selection& selection, const object_selection::label& term) {
  if (!term.value || term.value->empty()) return false;
  if (term.key == "metadata.name") return selection.name = *term.value, true;
  if (term.key == "spec.nodeName" && selection.kind == resource_kind::pods) return selection.node = *term.value, true;
  return false;
}

}  // namespace

std::shared_ptr<const object_state> state_of(resource_kind kind, const std::pair<std::string, std::string>& where,
                                             const document_json& json, std::shared_ptr<const std::string> body) {
  object_state state{kind, where.first,     where.second, text_at(json, "/spec/nodeName"),
                     {},   std::move(body), item_of(json)};
  const nlohmann::json_pointer<std::string> labels{"/metadata/labels"};
  if (json.contains(labels) && json.at(labels).is_object()) {
    for (const auto& [key, value] : json.at(labels).items()) {
      if (value.is_string()) state.labels.emplace(key, value.get<std::string>());
    }
  }
  return std::make_shared<const object_state>(std::move(state));
}

bool object_selection::takes(const object_state& state) const {
  const auto has = [&state](const label& wanted) {
    const auto found = state.labels.find(wanted.key);
    return found != state.labels.end() && (!wanted.value || found->second == *wanted.value);
  };
  return kind == state.kind && (name_space.empty() || name_space == state.name_space) &&
         (name.empty() || name == state.name) && (node.empty() || node == state.node) &&
         std::all_of(labels.begin(), labels.end(), has);
}

selection_query parse_selection(const http_request& request, resource_kind kind, const std::string& name_space) {
  selection_query result{{.kind = kind, .name_space = name_space}, {}};
  const std::string fields = query_value(request.target, "fieldSelector").value_or("");
  for (const std::string& text : terms_of(fields)) {
    const auto term = parse_term(text);
    if (!term || !take_field(result.selection, *term)) {
      result.mistake = "field selector not known to the stand-in: " + fields;
    }
  }
  const std::string labels = query_value(request.target, "labelSelector").value_or("");
  for (const std::string& text : terms_of(labels)) {
    if (auto term = parse_term(text)) {
      result.selection.labels.push_back(*std::move(term));
    } else {
      result.mistake = "label selector not known to the stand-in: " + labels;
    }
  }
  return result;
}

}  // namespace sidecar::test
