#pragma once

#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace sidecar::test {

/// The names of a block of SECURITY.md, as `confine` takes them; empty if there is none.
inline std::string documented_block(const std::string& kind) {
  std::ifstream file{SECURITY_MD};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::smatch block;
  if (!std::regex_search(text, block, std::regex{"```" + kind + "\n([^`]*)```"})) return {};
  const auto names = block[1].str();
  return std::regex_replace(names.substr(0, names.size() - 1), std::regex{"\\s+"}, ",");
}

/// The system calls that SECURITY.md lists for this architecture.
inline std::string documented_calls() {
#ifdef __aarch64__
  return documented_block("seccomp") + ',' + documented_block("seccomp-arm64");
#else
  return documented_block("seccomp");
#endif
}

}  // namespace sidecar::test
