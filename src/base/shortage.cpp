#include "sidecar/base/shortage.hpp"

#include <boost/system/errc.hpp>

namespace sidecar {

using boost::system::error_code;
namespace posix = boost::system::errc;

std::string_view descriptor_advice(const error_code& problem) {
  if (problem == posix::too_many_files_open) {
    return "this process is at its limit of open files: raise it (ulimit -n, LimitNOFILE of the container runtime)";
  }
  if (problem == posix::too_many_files_open_in_system) {
    return "the node is at its limit of open files (fs.file-max): find the process that opens so many";
  }
  if (problem == posix::not_enough_memory || problem == posix::no_buffer_space) {
    return "the kernel has no memory for it: check the memory of the container and of the node";
  }
  return {};
}

// Docker before 20.10.10 and runc before 1.0.2 return EPERM for clone3, and glibc since 2.34 then gives up; for ENOSYS
// it would use clone instead (moby/moby#42680, opencontainers/runc#2750).
std::string_view thread_advice(const error_code& problem) {
  if (problem == posix::operation_not_permitted) {
    return "a seccomp profile refuses clone3, as those of Docker before 20.10.10 and runc before 1.0.2 do: update the "
           "node's container runtime, or allow clone3 in the profile, or name the API server by an IP address";
  }
  if (problem == posix::resource_unavailable_try_again) {
    return "the pod, or its user, is at its limit of processes: raise it (podPidsLimit of the kubelet, pids.max, "
           "ulimit -u), or find the container that starts so many, or name the API server by an IP address";
  }
  return "check the limits of the container, or name the API server by an IP address";
}

}  // namespace sidecar
