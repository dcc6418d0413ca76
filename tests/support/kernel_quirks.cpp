// A library to be preloaded: what the kernel may do and rarely does. KERNEL_QUIRK is one of
//   short   files give a few bytes at a time, every third wait and read of a file is interrupted, and sockets have the
//           smallest buffers there are, so that the kernel itself takes and gives little; the file KERNEL_QUIRK_FILE
//           is made at the first interruption
//   clock   the wall clock jumps a year ahead and a year back with each look
//   asleep  once the file KERNEL_QUIRK_FILE is there, an hour has passed on the clock that runs while a machine is
//           suspended
//   no-ipv6 this kernel has none

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

namespace {

bool meddles(std::string_view how) {
  static const char* const wanted = std::getenv("KERNEL_QUIRK");
  return wanted != nullptr && wanted == how;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

unsigned turn() {
  static unsigned number = 0;
  return ++number;
}

const char* agreed_file() {
  const char* const file = std::getenv("KERNEL_QUIRK_FILE");
  return file == nullptr ? "" : file;
}

void leave_a_sign() {
  if (const int made = ::open(agreed_file(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600); made != -1) ::close(made);
}

bool interrupted() {
  if (!meddles("short") || turn() % 3 != 0) return false;
  if (static bool signed_already = false; !std::exchange(signed_already, true)) leave_a_sign();
  errno = EINTR;
  return true;
}

/// Counters of events have eight bytes and are read as a whole.
bool may_be_cut(std::size_t size) { return size > sizeof(std::uint64_t) && meddles("short"); }

constexpr time_t hour = 3600;
constexpr time_t year = 365 * 24 * hour;

void shift(clockid_t which, timespec& value) {
  if (which == CLOCK_REALTIME && meddles("clock")) value.tv_sec += turn() % 2 == 0 ? year : -year;
  if (which == CLOCK_BOOTTIME && meddles("asleep") && ::access(agreed_file(), F_OK) == 0) value.tv_sec += hour;
}

}  // namespace

// What the C library declares, with its own names.
extern "C" {

ssize_t read(int handle, void* data, size_t size) {
  static const auto next = real<ssize_t(int, void*, size_t)>("read");
  if (!may_be_cut(size)) return next(handle, data, size);
  return interrupted() ? -1 : next(handle, data, 1 + turn() % 7);
}

int epoll_wait(int handle, epoll_event* events, int count, int timeout) {
  static const auto next = real<int(int, epoll_event*, int, int)>("epoll_wait");
  return interrupted() ? -1 : next(handle, events, count, timeout);
}

int clock_gettime(clockid_t which, timespec* value) {
  static const auto next = real<int(clockid_t, timespec*)>("clock_gettime");
  const int result = next(which, value);
  if (result == 0) shift(which, *value);
  return result;
}

int socket(int family, int type, int protocol) {
  static const auto next = real<int(int, int, int)>("socket");
  if (family == AF_INET6 && meddles("no-ipv6")) {
    errno = EAFNOSUPPORT;
    return -1;
  }
  const int made = next(family, type, protocol);
  const int smallest = 1;
  if (made != -1 && meddles("short")) {
    for (const int buffer : {SO_SNDBUF, SO_RCVBUF}) ::setsockopt(made, SOL_SOCKET, buffer, &smallest, sizeof smallest);
  }
  return made;
}

}  // extern "C"
