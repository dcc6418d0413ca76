#include "support/service_account_files.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "support/temp_dir.hpp"

namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(ServiceAccountFiles, AreSymlinksThroughData) {
  const temp_dir dir;
  const service_account_files files{dir.path() / "sa", "token-1", "ca-1", "demo"};
  EXPECT_EQ(fs::read_symlink(files.path() / "token"), "..data/token");
  EXPECT_EQ(fs::read_symlink(files.path() / "..data").string().substr(0, 4), "..20");
  EXPECT_EQ(read(files.path() / "token"), "token-1");
  EXPECT_EQ(read(files.path() / "ca.crt"), "ca-1");
  EXPECT_EQ(read(files.path() / "namespace"), "demo");
}

TEST(ServiceAccountFiles, RotationNeverShowsHalfOfAVersion) {
  const temp_dir dir;
  service_account_files files{dir.path(), "0", "0", "demo"};
  std::atomic<bool> done = false;
  std::atomic<int> mixed = 0;
  std::atomic<int> whole = 0;
  std::thread reader{[&] {
    while (!done || whole == 0) {
      // One look at the link, as a reader that opens the directory has it.
      std::error_code ec;
      const fs::path version = files.path() / fs::read_symlink(files.path() / "..data", ec);
      const std::string token = read(version / "token");
      const std::string ca = read(version / "ca.crt");
      // Both empty: removed while we looked, as under the kubelet.
      if (ec || (!token.empty() && !ca.empty() && token != ca)) ++mixed;
      if (!token.empty() && token == ca) ++whole;
    }
  }};
  for (int i = 1; i < 300; ++i) files.rotate(std::to_string(i), std::to_string(i));
  done = true;
  reader.join();
  EXPECT_EQ(mixed, 0);
}

}  // namespace
}  // namespace sidecar::test
