#include "support/selection.hpp"

#include <algorithm>
#include <string_view>

namespace sidecar::test {
namespace {

std::string text_at(const pod::json& json, const char* pointer) {
  const nlohmann::json_pointer<std::string> path{pointer};
  return json.contains(path) && json.at(path).is_string() ? json.at(path).get<std::string>() : std::string{};
}

std::string item_of(const pod& document) {
  pod::json item = document.document();
  item.erase("kind");
  item.erase("apiVersion");
  return item.dump(-1, ' ', false, pod::json::error_handler_t::replace);
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
std::optional<pod_selection::label> parse_term(const std::string& term) {
  const std::size_t equals = term.find('=');
  pod_selection::label result{term.substr(0, equals), std::nullopt};
  if (equals != std::string::npos) {
    const std::size_t value = term.compare(equals, 2, "==") == 0 ? equals + 2 : equals + 1;
    result.value = term.substr(value);
  }
  const auto plain = [](const std::string& text) { return text.find_first_of("=!<>() ") == std::string::npos; };
  if (result.key.empty() || !plain(result.key) || (result.value && !plain(*result.value))) return std::nullopt;
  return result;
}

bool take_field(pod_selection& selection, const pod_selection::label& term) {
  if (!term.value || term.value->empty()) return false;
  if (term.key == "metadata.name") return selection.name = *term.value, true;
  if (term.key == "spec.nodeName") return selection.node = *term.value, true;
  return false;
}

}  // namespace

std::shared_ptr<const pod_state> state_of(const std::pair<std::string, std::string>& where, const pod& document,
                                          std::shared_ptr<const std::string> body) {
  const pod::json& json = document.document();
  pod_state state{where.first, where.second, text_at(json, "/spec/nodeName"), {}, std::move(body), item_of(document)};
  const nlohmann::json_pointer<std::string> labels{"/metadata/labels"};
  if (json.contains(labels) && json.at(labels).is_object()) {
    for (const auto& [key, value] : json.at(labels).items()) {
      if (value.is_string()) state.labels.emplace(key, value.get<std::string>());
    }
  }
  return std::make_shared<const pod_state>(std::move(state));
}

bool pod_selection::takes(const pod_state& state) const {
  const auto has = [&state](const label& wanted) {
    const auto found = state.labels.find(wanted.key);
    return found != state.labels.end() && (!wanted.value || found->second == *wanted.value);
  };
  return (name_space.empty() || name_space == state.name_space) && (name.empty() || name == state.name) &&
         (node.empty() || node == state.node) && std::all_of(labels.begin(), labels.end(), has);
}

selection_query parse_selection(const http_request& request, const std::string& name_space) {
  selection_query result{{name_space, {}, {}, {}}, {}};
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
