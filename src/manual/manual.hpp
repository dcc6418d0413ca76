#pragma once

#include <string>
#include <string_view>
#include <vector>

/// PURE. The manual page and the completions, from the tables that the program itself is made of: built beside it, and
/// no part of it.
namespace sidecar::manual {

struct flag {
  std::string name;   ///< "--timeout"
  std::string value;  ///< the kind of value; empty: none
  std::string help;
  std::string_view words{};  ///< all the words that are a value, separated by spaces; empty: any text
};

struct command {
  std::string_view name;
  std::string_view help;
  std::vector<flag> flags;
};

/// serve, probe and doctor with the flags of each.
std::vector<command> commands();

/// mdoc would need the groff macros of BSD; this is man(7), section 8.
std::string man_page();

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace sidecar::manual
