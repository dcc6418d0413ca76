#include "sidecar/base/file_access.hpp"

#include <sys/auxv.h>
#include <sys/stat.h>

#include <cstdint>
#include <optional>

namespace sidecar {
namespace {

constexpr mode_t permission_bits = 07777;

/// As `ls -l` and chmod(1) count: 0640.
std::string octal(mode_t mode) {
  std::string text = "0000";
  mode &= permission_bits;
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, mode >>= 3U) {
    *digit = static_cast<char>('0' + (mode & 7U));
  }
  return text;
}

/// Supplementary groups are not known here: to look them up takes a system call that a narrow seccomp profile need not
/// allow. Who is refused in spite of one of them is refused by something else than the mode, and is told of both.
bool allows(const file_owner& owner, const file_reader& reader, mode_t others) {
  if (owner.user == reader.user) return (owner.mode & others << 6U) != 0;
  if (owner.group == reader.group) return (owner.mode & others << 3U) != 0;
  return (owner.mode & others) != 0;
}

std::string ids(uid_t user, gid_t group) { return "uid " + std::to_string(user) + " and gid " + std::to_string(group); }

// The ids that execve(2) gave the process; it never changes them. No system call, see above.
file_reader this_process() {
  return {static_cast<uid_t>(::getauxval(AT_EUID)), static_cast<gid_t>(::getauxval(AT_EGID))};
}

std::optional<file_owner> owner_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return file_owner{path, info.st_mode, info.st_uid, info.st_gid};
}

/// What cannot be looked at is hidden by the directory it is in.
std::optional<file_owner> nearest_visible(std::string path) {
  for (;;) {
    if (auto found = owner_of(path)) return found;
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || path == "/") return std::nullopt;
    path.erase(slash == 0 ? 1 : slash);
  }
}

}  // namespace

std::string explain_denial(std::string_view asked, const file_owner& denied, const file_reader& reader) {
  const bool is_directory = S_ISDIR(denied.mode);
  auto text = std::string{"permission denied: "};
  text += denied.path == asked ? std::string{"its"} : "the directory " + denied.path + " is in the way; its";
  text += " mode is " + octal(denied.mode) + ", its owner " + ids(denied.user, denied.group) + "; this process is " +
          ids(reader.user, reader.group);
  if (allows(denied, reader, is_directory ? S_IXOTH : S_IROTH)) {
    return text + ". That mode permits it, so SELinux or AppArmor forbids it, or a directory behind a link";
  }
  return text +
         ". Set securityContext.fsGroup in the pod, so that the kubelet gives its volumes' files to that group, "
         "or have the file's mode let this uid read it (defaultMode of the volume)";
}

std::string explain_denial(const std::string& path) {
  const auto denied = nearest_visible(path);
  return denied ? explain_denial(path, *denied, this_process()) : "permission denied";
}

}  // namespace sidecar
