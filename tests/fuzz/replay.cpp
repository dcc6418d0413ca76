// replay DIRECTORY: tries every file of a target's corpus, so that what fuzzing once found stays found with any
// compiler and without libFuzzer.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace {

// A copy of its own, of the exact size: a sanitizer sees a read past its end.
std::vector<char> bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::set<std::filesystem::path> files(std::filesystem::directory_iterator{argv[1]}, {});
  for (const auto& file : files) {
    std::printf("%s\n", file.filename().c_str());
    std::fflush(stdout);
    const auto bytes = bytes_of(file);
    sidecar::fuzz::try_input({bytes.data(), bytes.size()});
  }
  return files.empty() ? 1 : 0;
}
