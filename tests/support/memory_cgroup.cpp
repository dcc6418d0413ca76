#include "support/memory_cgroup.hpp"

#include <unistd.h>

#include <fstream>
#include <system_error>

namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

bool write(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  return out.good();
}

/// 0 where there is no such file: kernels before 5.19 keep no peak of version 2.
std::size_t kilobytes(const fs::path& file) {
  std::size_t bytes = 0;
  std::ifstream(file) >> bytes;
  return bytes / 1024;
}

}  // namespace

memory_cgroup::memory_cgroup(std::size_t limit) {
  const auto name = "sidecar-test-" + std::to_string(::getpid());
  if (make_version_2(name, limit) || make_version_1(name, limit)) return;
  problem_ = "no control group for memory can be made under /sys/fs/cgroup (it takes root, and a memory controller)";
}

bool memory_cgroup::make_version_2(const std::string& name, std::size_t limit) {
  const fs::path root = "/sys/fs/cgroup";
  std::error_code none;
  if (!fs::exists(root / "cgroup.controllers", none)) return false;
  write(root / "cgroup.subtree_control", "+memory");
  if (!fs::create_directory(root / name, none)) return false;
  path_ = root / name;
  is_version_2_ = true;
  if (write(path_ / "memory.max", std::to_string(limit))) return true;
  fs::remove(path_, none);
  path_.clear();
  return false;
}

bool memory_cgroup::make_version_1(const std::string& name, std::size_t limit) {
  const fs::path root = "/sys/fs/cgroup/memory";
  std::error_code none;
  if (!fs::exists(root / "memory.limit_in_bytes", none)) return false;
  if (!fs::create_directory(root / name, none)) return false;
  path_ = root / name;
  // Without a limit of its own the sockets' memory is not even counted.
  if (write(path_ / "memory.kmem.tcp.limit_in_bytes", std::to_string(limit)) &&
      write(path_ / "memory.limit_in_bytes", std::to_string(limit))) {
    return true;
  }
  fs::remove(path_, none);
  path_.clear();
  return false;
}

memory_cgroup::~memory_cgroup() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
}

std::size_t memory_cgroup::peak_kilobytes() const {
  if (is_version_2_) return kilobytes(path_ / "memory.peak");
  return kilobytes(path_ / "memory.max_usage_in_bytes") + kilobytes(path_ / "memory.kmem.tcp.max_usage_in_bytes");
}

std::size_t memory_cgroup::used_kilobytes() const {
  if (is_version_2_) return kilobytes(path_ / "memory.current");
  return kilobytes(path_ / "memory.usage_in_bytes") + kilobytes(path_ / "memory.kmem.tcp.usage_in_bytes");
}

}  // namespace sidecar::test
