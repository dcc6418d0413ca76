#include <iostream>
#include <string_view>

#include "manual.hpp"

/// Prints one of: man, bash, zsh, fish.
int main(int argc, char** argv) {
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  std::string text;
  if (wanted == "man") text = sidecar::manual::man_page();
  if (wanted == "bash") text = sidecar::manual::bash_completion();
  if (wanted == "zsh") text = sidecar::manual::zsh_completion();
  if (wanted == "fish") text = sidecar::manual::fish_completion();
  std::cout << text << std::flush;
  return text.empty() || !std::cout ? 1 : 0;
}
