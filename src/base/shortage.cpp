#include "sidecar/base/shortage.hpp"

#include <boost/system/errc.hpp>

namespace sidecar {

using boost::system::error_code;
namespace errc_of = boost::system::errc;

std::string_view descriptor_remedy(const error_code& problem) {
  if (problem == errc_of::too_many_files_open) {
    return "this process has used up its limit of open files: raise it (ulimit -n, LimitNOFILE of the container "
           "runtime)";
  }
  if (problem == errc_of::too_many_files_open_in_system) {
    return "the node has used up its limit of open files (fs.file-max): find what on it opens so many";
  }
  if (problem == errc_of::not_enough_memory || problem == errc_of::no_buffer_space) {
    return "the kernel has no memory left for it: look at the memory of the container and of the node";
  }
  return {};
}

// Docker before 20.10.10 and runc before 1.0.2 answer clone3 with EPERM, on which glibc since 2.34 gives up; with
// ENOSYS it would fall back to clone (moby/moby#42680, opencontainers/runc#2750).
std::string_view thread_remedy(const error_code& problem) {
  if (problem == errc_of::operation_not_permitted) {
    return "a seccomp profile refuses clone3, as those of Docker before 20.10.10 and runc before 1.0.2 do: update the "
           "node's container runtime, or allow clone3 in the profile, or name the API server by an IP address";
  }
  if (problem == errc_of::resource_unavailable_try_again) {
    return "the pod, or its user, is at its limit of processes: raise it (podPidsLimit of the kubelet, pids.max, "
           "ulimit -u) or find what in the pod starts so many, or name the API server by an IP address";
  }
  return "look at the limits of the container, or name the API server by an IP address";
}

}  // namespace sidecar
