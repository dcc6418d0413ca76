#include "sidecar/base/file_access.hpp"

#include <sys/auxv.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <optional>

namespace sidecar {
namespace {

/// `bit` is the permission as others have it. Supplementary groups are not looked up: that takes a system call that a
/// narrow seccomp profile may deny.
bool allows(const file_owner& owner, const process_ids& process, mode_t bit) {
  if (owner.user == process.user) return (owner.mode & bit << 6U) != 0;
  if (owner.group == process.group) return (owner.mode & bit << 3U) != 0;
  return (owner.mode & bit) != 0;
}

std::string to_string(uid_t user, gid_t group) {
  return "uid " + std::to_string(user) + " and gid " + std::to_string(group);
}

// From the auxiliary vector, without a system call. The process never changes its ids.
process_ids this_process() {
  return {static_cast<uid_t>(::getauxval(AT_EUID)), static_cast<gid_t>(::getauxval(AT_EGID))};
}

std::optional<file_owner> owner_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return file_owner{path, info.st_mode, info.st_uid, info.st_gid};
}

/// Where stat(2) fails on a file, the nearest directory on which it succeeds is the one that denied access.
std::optional<file_owner> nearest_visible(std::string path) {
  for (;;) {
    if (auto found = owner_of(path)) return found;
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || path == "/") return std::nullopt;
    path.erase(slash == 0 ? 1 : slash);
  }
}

}  // namespace

std::string mode_text(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode & 07777U);
  return text.data();
}

std::string explain_denial(std::string_view opened_path, const file_owner& denied, const process_ids& process) {
  const auto text = "permission denied: " + (denied.path == opened_path ? "the file" : "the directory " + denied.path) +
                    " has mode " + mode_text(denied.mode) + ", owner " + to_string(denied.user, denied.group) +
                    "; this process runs as " + to_string(process.user, process.group);
  if (allows(denied, process, S_ISDIR(denied.mode) ? S_IXOTH : S_IROTH)) {
    return text + ". The mode permits access: check SELinux, AppArmor and the directories behind symbolic links";
  }
  return text +
         ". Set securityContext.fsGroup in the pod, so that the kubelet gives the volume's files to that group, or let "
         "the volume's defaultMode permit this uid to read them";
}

std::string explain_denial(const std::string& path) {
  const auto denied = nearest_visible(path);
  return denied ? explain_denial(path, *denied, this_process()) : "permission denied";
}

}  // namespace sidecar
