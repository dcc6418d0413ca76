#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace sidecar::test {

/// A control group of the test's own that limits memory as Kubernetes limits a container's, sockets' memory included:
/// of version 2, or of version 1, where sockets have a limit beside the rest.
class memory_cgroup {
 public:
  explicit memory_cgroup(std::size_t limit);
  /// Whatever runs in it must have ended.
  ~memory_cgroup();
  memory_cgroup(const memory_cgroup&) = delete;
  memory_cgroup& operator=(const memory_cgroup&) = delete;

  /// Why there is none; empty if there is.
  const std::string& problem() const noexcept { return problem_; }

  /// For a shell: a command that moves it, and what it executes then, into the group.
  std::string enter() const { return "echo 0 > " + (path_ / "cgroup.procs").string(); }

  /// The most that was in use at any time, in kilobytes.
  std::size_t peak_kilobytes() const;
  std::size_t used_kilobytes() const;

 private:
  bool make_version_2(const std::string& name, std::size_t limit);
  bool make_version_1(const std::string& name, std::size_t limit);

  std::filesystem::path path_;
  bool is_version_2_ = false;
  std::string problem_;
};

}  // namespace sidecar::test
