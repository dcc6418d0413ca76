#pragma once

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace sidecar::test {

/// The block of SECURITY.md that lists the system calls, as `confine` takes it; empty if there is none.
inline std::string documented_calls() {
  std::ifstream file{SECURITY_MD};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::smatch block;
  if (!std::regex_search(text, block, std::regex{"```seccomp\n([^`]*)```"})) return {};
  const auto names = block[1].str();
  return std::regex_replace(names.substr(0, names.size() - 1), std::regex{"\\s+"}, ",");
}

}  // namespace sidecar::test
