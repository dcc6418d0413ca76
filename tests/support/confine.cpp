// confine CALL[,CALL]... PROGRAM [ARGUMENT]...: runs the program so that the kernel kills it at the first system call
// that is not in the list. Calls that the processor's architecture does not have may be listed. `CALL=NUMBER` has the
// call fail with that errno, as some container runtimes' profiles do; `*` allows all that is not in the list.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

#if defined(__x86_64__)
constexpr unsigned architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned architecture = AUDIT_ARCH_AARCH64;
#else
#error "which architecture do its system calls have?"
#endif

#define NUMBER_OF(name) \
  { #name, SYS_##name }
const std::map<std::string_view, long> numbers{
    NUMBER_OF(accept),
    NUMBER_OF(accept4),
    NUMBER_OF(bind),
    NUMBER_OF(brk),
    NUMBER_OF(clock_gettime),
    NUMBER_OF(clone3),
    NUMBER_OF(close),
    NUMBER_OF(connect),
    NUMBER_OF(epoll_create1),
    NUMBER_OF(epoll_ctl),
    NUMBER_OF(epoll_pwait),
    NUMBER_OF(eventfd2),
    NUMBER_OF(execve),
    NUMBER_OF(exit),
    NUMBER_OF(exit_group),
    NUMBER_OF(faccessat),
    NUMBER_OF(fcntl),
    NUMBER_OF(fstat),
    NUMBER_OF(futex),
    NUMBER_OF(getdents64),
    NUMBER_OF(getpeername),
    NUMBER_OF(getpid),
    NUMBER_OF(getrandom),
    NUMBER_OF(getsockname),
    NUMBER_OF(getsockopt),
    NUMBER_OF(gettid),
    NUMBER_OF(ioctl),
    NUMBER_OF(listen),
    NUMBER_OF(lseek),
    NUMBER_OF(madvise),
    NUMBER_OF(mmap),
    NUMBER_OF(mprotect),
    NUMBER_OF(mremap),
    NUMBER_OF(munmap),
    NUMBER_OF(newfstatat),
    NUMBER_OF(openat),
    NUMBER_OF(pipe2),
    NUMBER_OF(ppoll),
    NUMBER_OF(prctl),
    NUMBER_OF(pread64),
    NUMBER_OF(prlimit64),
    NUMBER_OF(read),
    NUMBER_OF(readlinkat),
    NUMBER_OF(recvfrom),
    NUMBER_OF(recvmsg),
    NUMBER_OF(restart_syscall),
    NUMBER_OF(rseq),
    NUMBER_OF(rt_sigaction),
    NUMBER_OF(rt_sigprocmask),
    NUMBER_OF(rt_sigreturn),
    NUMBER_OF(sendmmsg),
    NUMBER_OF(sendmsg),
    NUMBER_OF(sendto),
    NUMBER_OF(set_robust_list),
    NUMBER_OF(set_tid_address),
    NUMBER_OF(setsockopt),
    NUMBER_OF(shutdown),
    NUMBER_OF(socket),
    NUMBER_OF(sysinfo),
    NUMBER_OF(tgkill),
    NUMBER_OF(timerfd_create),
    NUMBER_OF(timerfd_settime),
    NUMBER_OF(uname),
    NUMBER_OF(write),
#ifdef __x86_64__
    NUMBER_OF(access),
    NUMBER_OF(arch_prctl),
    NUMBER_OF(epoll_wait),
    NUMBER_OF(poll),
    NUMBER_OF(readlink),
#else
    {"access", -1},
    {"arch_prctl", -1},
    {"epoll_wait", -1},
    {"poll", -1},
    {"readlink", -1},
#endif
};
#undef NUMBER_OF

/// What becomes of a call.
struct rule {
  long number;
  unsigned action;
};
struct rules {
  std::vector<rule> listed;
  unsigned otherwise = SECCOMP_RET_KILL_PROCESS;
};

/// Nothing if a name is unknown; says so. The last word on a call counts.
std::optional<rules> rules_of(const std::string& list) {
  rules found;
  std::istringstream entries{list};
  for (std::string entry; std::getline(entries, entry, ',');) {
    if (entry == "*") {
      found.otherwise = SECCOMP_RET_ALLOW;
      continue;
    }
    const auto equals = entry.find('=');
    const auto known = numbers.find(std::string_view{entry}.substr(0, equals));
    if (known == numbers.end()) {
      std::cerr << "confine: add the system call \"" << entry << "\" to my table\n";
      return std::nullopt;
    }
    const bool fails = equals != entry.npos;
    const unsigned action =
        fails ? SECCOMP_RET_ERRNO | static_cast<unsigned>(std::stoul(entry.substr(equals + 1))) : SECCOMP_RET_ALLOW;
    if (known->second >= 0) found.listed.insert(found.listed.begin(), rule{known->second, action});
  }
  return found;
}

sock_filter statement(unsigned short code, unsigned value) { return {code, 0, 0, value}; }
sock_filter unless_equal_skip(unsigned value, unsigned char skipped) {
  return {BPF_JMP | BPF_JEQ | BPF_K, 0, skipped, value};
}

std::vector<sock_filter> filter_of(const rules& wanted) {
  const auto kill = statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  std::vector<sock_filter> program{
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, architecture},
      kill,
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (const auto& [number, action] : wanted.listed) {
    program.push_back(unless_equal_skip(static_cast<unsigned>(number), 1));
    program.push_back(statement(BPF_RET | BPF_K, action));
  }
  program.push_back(statement(BPF_RET | BPF_K, wanted.otherwise));
  return program;
}

bool install(std::vector<sock_filter> program) {
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto wanted = rules_of(argv[1]);
  if (!wanted) return 2;
  if (!install(filter_of(*wanted))) {
    std::cerr << "confine: this kernel takes no filter\n";
    return 2;
  }
  ::execve(argv[2], argv + 2, environ);
  return 127;
}
