#include "own_machine.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace sidecar::test {
namespace {

void require(bool done, const std::string& what) {
  if (!done) throw std::system_error{errno, std::generic_category(), what};
}

void write(const char* path, const std::string& text) {
  std::ofstream file{path};
  file << text;
  file.close();
  require(bool{file}, path);
}

void become_root_of_a_user_namespace() {
  const auto user = std::to_string(::getuid());
  const auto group = std::to_string(::getgid());
  require(::unshare(CLONE_NEWUSER) == 0, "a user namespace");
  write("/proc/self/setgroups", "deny");
  write("/proc/self/uid_map", "0 " + user + " 1");
  write("/proc/self/gid_map", "0 " + group + " 1");
}

ifreq loopback(const std::string& alias) {
  ifreq request{};
  alias.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

ifreq with_address(ifreq request, const std::string& address) {
  sockaddr_in ip{};
  ip.sin_family = AF_INET;
  require(::inet_pton(AF_INET, address.c_str(), &ip.sin_addr) == 1, address);
  std::memcpy(&request.ifr_addr, &ip, sizeof ip);
  return request;
}

void bring_loopback_up(int handle) {
  ifreq request = loopback("lo");
  require(::ioctl(handle, SIOCGIFFLAGS, &request) == 0, "the flags of lo");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP | IFF_RUNNING);
  require(::ioctl(handle, SIOCSIFFLAGS, &request) == 0, "lo up");
}

void add_address(int handle, const std::string& alias, const std::string& address) {
  ifreq request = with_address(loopback(alias), address);
  require(::ioctl(handle, SIOCSIFADDR, &request) == 0, address);
  request = with_address(loopback(alias), "255.255.255.255");
  require(::ioctl(handle, SIOCSIFNETMASK, &request) == 0, address + "/32");
}

void furnish_network(const std::vector<std::string>& addresses) {
  const int handle = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  require(handle >= 0, "socket");
  bring_loopback_up(handle);
  int number = 0;
  for (const auto& address : addresses) add_address(handle, "lo:" + std::to_string(++number), address);
  ::close(handle);
}

void hide(const std::filesystem::path& directory) {
  require(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mounts of its own");
  require(::mount("tmpfs", directory.c_str(), "tmpfs", 0, nullptr) == 0, "a tmpfs on " + directory.string());
}

}  // namespace

std::string enter_own_machine(const std::vector<std::string>& addresses, const std::filesystem::path& hidden) try {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    become_root_of_a_user_namespace();
    require(::unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, "a network namespace");
  }
  furnish_network(addresses);
  hide(hidden);
  return {};
} catch (const std::system_error& refused) {
  return refused.what();
}

}  // namespace sidecar::test
