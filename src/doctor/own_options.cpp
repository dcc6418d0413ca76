#include "sidecar/doctor/own_options.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/split_flags.hpp"

namespace sidecar::doctor {
namespace {

/// `$(NAME)` as the kubelet expands it, by the container's own variables, and `$$` as `$`; other text stays as it is
/// (k8s.io/kubernetes/third_party/forked/golang/expansion).
std::string expanded(std::string_view text, const config::environment& variables) {
  std::string out;
  for (auto begin = text.find('$'); begin != text.npos; begin = text.find('$')) {
    out.append(text.substr(0, begin));
    text.remove_prefix(begin);
    const auto end = text.starts_with("$(") ? text.find(')') : text.npos;
    if (end == text.npos) {
      out.push_back('$');
      text.remove_prefix(text.starts_with("$$") ? 2 : 1);
      continue;
    }
    const auto found = variables.find(std::string{text.substr(2, end - 2)});
    out.append(found == variables.end() ? text.substr(0, end + 1) : std::string_view{found->second});
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

}  // namespace

std::variant<config::config, config::configuration_errors> options_of(const container_spec& own,
                                                                      config::environment variables,
                                                                      const config::flags& given) {
  for (const auto& [name, value] : own.variables) {
    if (!value.empty()) variables.insert_or_assign(name, expanded(value, variables));
  }
  std::vector<std::string> words;
  for (const auto& word : own.words) words.push_back(expanded(word, variables));
  const auto split = config::split_flags(words);
  auto found = config::missing_values(split);
  for (const auto& word : split.others) {
    if (!word.starts_with("--") || config::is_action(word)) continue;
    found.push_back(word.substr(0, word.find('=')) + ": there is no such flag");
  }
  if (!found.empty()) return found;
  auto flags = given;  // these win
  flags.insert(split.values.begin(), split.values.end());
  return config::load(variables, flags);
}

}  // namespace sidecar::doctor
