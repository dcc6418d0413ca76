#include "sidecar/doctor/own_options.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "sidecar/config/options.hpp"

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

bool is_action(std::string_view word) { return word == "--check-config" || word == "--version" || word == "--help"; }

}  // namespace

std::variant<config::config, config::configuration_errors> options_of(const container_spec& own,
                                                                      config::environment variables,
                                                                      const config::flags& given) {
  for (const auto& [name, value] : own.variables) {
    if (!value.empty()) variables.insert_or_assign(name, expanded(value, variables));
  }
  config::configuration_errors unknown;
  auto flags = given;
  for (std::size_t i = 0; i < own.words.size(); ++i) {
    const std::string_view word = own.words[i];
    const auto equals = word.find('=');
    const auto named = std::ranges::find_if(config::options(), [&](const config::option& one) {
      return word.substr(0, equals) == config::flag_name(one.name);
    });
    if (named == config::options().end()) {
      if (word.starts_with("--") && !is_action(word))
        unknown.push_back(std::string{word.substr(0, equals)} + ": there is no such flag");
      continue;
    }
    const bool is_next = equals == word.npos;
    if (is_next && i + 1 == own.words.size()) continue;
    const std::string_view value = is_next ? std::string_view{own.words[++i]} : word.substr(equals + 1);
    if (!given.contains(named->name)) flags.insert_or_assign(std::string{named->name}, expanded(value, variables));
  }
  if (!unknown.empty()) return unknown;
  return config::load(variables, flags);
}

}  // namespace sidecar::doctor
