#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/temp_dir.hpp"

namespace sidecar {

/// The kubelet's way: files live in a dated directory, `..data` points to it, and is replaced by rename.
class mounted_directory : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    const auto fresh = root / (".." + std::to_string(++version));
    std::filesystem::create_directory(fresh);
    if (std::filesystem::exists(root / "..data")) {
      std::filesystem::copy(root / "..data/", fresh, std::filesystem::copy_options::recursive);
    }
    std::ofstream(fresh / name) << text;
    std::filesystem::create_directory_symlink(fresh.filename(), root / "..data_tmp");
    std::filesystem::rename(root / "..data_tmp", root / "..data");
    if (!std::filesystem::is_symlink(root / name))
      std::filesystem::create_symlink(std::filesystem::path("..data") / name, root / name);
  }

  test::temp_dir dir;
  std::filesystem::path root{dir.path()};
  int version = 0;
};

}  // namespace sidecar
