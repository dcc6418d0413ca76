#include "sidecar/config/split_flags.hpp"

#include <algorithm>

#include "sidecar/base/ascii.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::config {
namespace {

bool looks_like_flag(std::string_view word) { return word.size() > 1 && word[0] == '-' && !is_digit(word[1]); }

const option* find_flag(std::string_view name) {
  const auto found = std::ranges::find_if(options(), [=](const option& one) { return flag_name(one.name) == name; });
  return found == options().end() ? nullptr : &*found;
}

}  // namespace

command_words split_flags(std::span<const std::string> words) {
  command_words out;
  for (auto word = words.begin(); word != words.end(); ++word) {
    const auto equals = word->find('=');
    const option* one = find_flag(word->substr(0, equals));
    if (one == nullptr) {
      out.others.push_back(*word);
    } else if (equals != word->npos) {
      out.values.insert_or_assign(std::string{one->name}, word->substr(equals + 1));
    } else if (word + 1 == words.end() || looks_like_flag(word[1])) {
      out.without_value.push_back(one->name);
    } else {
      out.values.insert_or_assign(std::string{one->name}, *++word);
    }
  }
  return out;
}

bool is_action(std::string_view word) noexcept {
  return word == "--help" || word == "--version" || word == "--check-config";
}

configuration_errors missing_values(const command_words& words) {
  configuration_errors found;
  for (const auto name : words.without_value) {
    const auto flag = flag_name(name);
    const auto error = flag + " has no value: write " + flag + "=VALUE";
    if (std::ranges::find(found, error) == found.end()) found.push_back(error);
  }
  return found;
}

}  // namespace sidecar::config
