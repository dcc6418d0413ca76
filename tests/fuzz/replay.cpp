// replay DIRECTORY: tries every file of a target's corpus, so that what fuzzing once found stays found with any
// compiler and without libFuzzer.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/fuzz.hpp"

namespace {

std::vector<std::filesystem::path> files_in(const char* directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& one : std::filesystem::directory_iterator(directory)) files.push_back(one.path());
  std::ranges::sort(files);
  return files;
}

// A copy of its own, of the exact size: a sanitizer sees a read past its end.
std::vector<char> bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto files = files_in(argv[1]);
  for (const auto& file : files) {
    std::printf("%s\n", file.filename().c_str());
    std::fflush(stdout);
    const auto bytes = bytes_of(file);
    sidecar::fuzz::try_input({bytes.data(), bytes.size()});
  }
  return files.empty() ? 1 : 0;
}
