#pragma once

#include <filesystem>

namespace sidecar::test {

/// A directory of its own under the system's temporary directory, removed with all that is in it.
class temp_dir {
 public:
  temp_dir();
  ~temp_dir();
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace sidecar::test
