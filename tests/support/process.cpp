#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace sidecar::test {
namespace {

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error{errno, std::generic_category(), "pipe2"};
  return ends;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Between fork and exec only what is safe in a signal handler.
[[noreturn]] void become(const char* path, char* const* arguments, char* const* environment, int output, int error,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(error, 2) < 0) ::_exit(127);
  // Asio's sockets among them: whoever inherits one keeps the connection open when its owner has closed it.
  ::close_range(3, ~0U, 0);
  ::execve(path, arguments, environment);
  ::_exit(127);
}

}  // namespace

process::process(const std::string& path, const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment) {
  std::vector<std::string> argument_texts{path};
  argument_texts.insert(argument_texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment_texts;
  for (const auto& [name, value] : environment) environment_texts.push_back(name + "=" + value);
  const std::vector<char*> argument_pointers = pointers(argument_texts);
  const std::vector<char*> environment_pointers = pointers(environment_texts);

  const auto output = make_pipe();
  const auto error = make_pipe();
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ == 0) {
    become(path.c_str(), argument_pointers.data(), environment_pointers.data(), output[1], error[1], parent);
  }
  const int failure = errno;
  ::close(output[1]);
  ::close(error[1]);
  output_.handle = output[0];
  error_.handle = error[0];
  if (id_ < 0) {
    ::close(output[0]);
    ::close(error[0]);
    throw std::system_error{failure, std::generic_category(), "fork"};
  }
  pid_handle_ = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
  output_.reader = std::thread{[this] { read(output_); }};
  error_.reader = std::thread{[this] { read(error_); }};
}

process::~process() {
  if (!status_) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  // A grandchild may hold the pipes open: the readers must not wait for it.
  {
    const std::lock_guard lock{mutex_};
    output_.ended = error_.ended = true;
  }
  output_.reader.join();
  error_.reader.join();
  ::close(output_.handle);
  ::close(error_.handle);
  if (pid_handle_ >= 0) ::close(pid_handle_);
}

void process::send(int signal) const {
  if (!status_) ::kill(id_, signal);
}

std::optional<exit_status> process::wait(std::chrono::milliseconds timeout) {
  if (status_) return status_;
  pollfd ended{pid_handle_, POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(timeout.count())) <= 0) return std::nullopt;
  int raw = 0;
  if (::waitpid(id_, &raw, 0) != id_) return std::nullopt;
  status_ = WIFEXITED(raw) ? exit_status{WEXITSTATUS(raw), 0} : exit_status{-1, WTERMSIG(raw)};
  return status_;
}

std::optional<exit_status> process::terminate(int signal, std::chrono::milliseconds timeout) {
  send(signal);
  return wait(timeout);
}

void process::read(stream& from) {
  std::string line;
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd readable{from.handle, POLLIN, 0};
    const int ready = ::poll(&readable, 1, 100);
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) {
      const std::lock_guard lock{mutex_};
      if (from.ended) return;
      continue;
    }
    const ssize_t size = ::read(from.handle, buffer.data(), buffer.size());
    if (size <= 0) break;
    for (const char c : std::string_view{buffer.data(), static_cast<std::size_t>(size)}) {
      if (c != '\n') {
        line += c;
        continue;
      }
      {
        const std::lock_guard lock{mutex_};
        from.lines.push_back(std::move(line));
      }
      line.clear();
      changed_.notify_all();
    }
  }
  {
    const std::lock_guard lock{mutex_};
    if (!line.empty()) from.lines.push_back(std::move(line));
    from.ended = true;
  }
  changed_.notify_all();
}

std::optional<std::string> process::wait_for(stream& from, const std::function<bool(const std::string&)>& wanted,
                                             std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock{mutex_};
  for (std::size_t seen = 0;;) {
    for (; seen < from.lines.size(); ++seen) {
      if (wanted(from.lines[seen])) return from.lines[seen];
    }
    if (from.ended || std::chrono::steady_clock::now() >= end) return std::nullopt;
    changed_.wait_until(lock, end);
  }
}

std::optional<std::string> process::wait_for_output(const std::function<bool(const std::string&)>& wanted,
                                                    std::chrono::milliseconds timeout) {
  return wait_for(output_, wanted, timeout);
}

std::optional<std::string> process::wait_for_error(const std::function<bool(const std::string&)>& wanted,
                                                   std::chrono::milliseconds timeout) {
  return wait_for(error_, wanted, timeout);
}

std::vector<std::string> process::output() const {
  const std::lock_guard lock{mutex_};
  return output_.lines;
}

std::vector<std::string> process::error() const {
  const std::lock_guard lock{mutex_};
  return error_.lines;
}

std::optional<std::string> followed_program::says(std::string_view text) {
  std::size_t at = 0;
  const auto found = [&](const std::string& line) { return at++ >= read_ && line.find(text) != line.npos; };
  constexpr std::chrono::seconds long_enough{30};
  auto line = log_ == stream::output ? process_.wait_for_output(found, long_enough)
                                     : process_.wait_for_error(found, long_enough);
  if (line) read_ = at;
  return line;
}

}  // namespace sidecar::test
