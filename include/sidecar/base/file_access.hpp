#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace sidecar {

/// A file or directory and who may use it, as stat(2) has it.
struct file_owner {
  std::string path;
  mode_t mode = 0;
  uid_t user = 0;
  gid_t group = 0;
};

/// Who wants to use it: the process's effective ids.
struct file_reader {
  uid_t user = 0;
  gid_t group = 0;
};

/// PURE. Why `reader` was refused `denied`, and what the pod's owner can do about it:
/// "permission denied: its mode is 0600, its owner uid 0 and gid 0; this process is uid 10001 and gid 10001. Set ...".
/// `asked` is the path that was opened; `denied` may be a directory on the way to it.
std::string explain_denial(std::string_view asked, const file_owner& denied, const file_reader& reader);

/// The same for what stands at `path` now. Looks at it and at the directories on the way (stat alone).
std::string explain_denial(const std::string& path);

}  // namespace sidecar
