#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon.hpp"

namespace sidecar::test {

/// The stats socket of a HAProxy that a test has started: what its `stats socket` line names.
class haproxy_stats {
 public:
  explicit haproxy_stats(const std::filesystem::path& directory) : path_{(directory / "stats").string()} {}

  const std::string& path() const noexcept { return path_; }

  /// Each line's values by the names in the header line, which begins with `# `; empty while nobody listens.
  std::vector<variables> table(const std::string& command, char separator) const;

 private:
  std::string ask(const std::string& command) const;

  std::string path_;
};

}  // namespace sidecar::test
