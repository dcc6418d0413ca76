#pragma once

#include <filesystem>
#include <string>

namespace sidecar::test {

/// A service account's directory as the kubelet writes it: the files are symlinks through `..data`, itself a symlink
/// that a rename swaps, so that a reader sees the old token and CA or the new ones, never one of each.
class service_account_files {
 public:
  /// Makes `directory` (and its parents) and the first version of the files in it.
  service_account_files(std::filesystem::path directory, const std::string& token, const std::string& ca,
                        const std::string& name_space);

  /// Writes the next version and swaps `..data`; the version before is removed, as the kubelet does.
  void rotate(const std::string& token, const std::string& ca);

  const std::filesystem::path& path() const noexcept { return directory_; }

 private:
  void publish(const std::string& token, const std::string& ca);

  std::filesystem::path directory_;
  std::string name_space_;
  std::string version_;
  unsigned counter_ = 0;
};

}  // namespace sidecar::test
