#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace sidecar {

/// A file or directory with its mode and owner, as stat(2) reports them.
struct file_owner {
  std::string path;
  mode_t mode = 0;
  uid_t user = 0;
  gid_t group = 0;
};

/// A process's effective ids.
struct process_ids {
  uid_t user = 0;
  gid_t group = 0;
};

/// PURE. The permissions as `ls -l` and chmod(1) count: "0640".
std::string mode_text(mode_t mode);

/// PURE. Why opening `opened_path` failed with "permission denied", and what to do about it:
/// "permission denied: the file has mode 0600, owner uid 0 and gid 0; this process runs as uid 10001 and gid 10001.
/// ...". `denied` is that file, or the directory of its path that denied access.
std::string explain_denial(std::string_view opened_path, const file_owner& denied, const process_ids& process);

/// The same for this process and the file now at `path`. Calls stat(2) on the file and its directories.
std::string explain_denial(const std::string& path);

}  // namespace sidecar
