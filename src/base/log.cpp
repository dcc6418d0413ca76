#include "sidecar/base/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "sidecar/base/log_format.hpp"

namespace sidecar::log {
namespace {

// spdlog's own standard-error sink waits for as long as a reader stalls, and the daemon has one thread. This one asks
// first: a pipe that is ready takes PIPE_BUF bytes whole, and a line is never longer.
class stderr_sink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& message) override {
    std::string line{message.payload.data(), message.payload.size()};
    line += '\n';
    if (!is_ready() || ::write(STDERR_FILENO, line.data(), line.size()) < 0) ++lost_;
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  std::size_t take_lost() noexcept { return lost_ > 0 && is_ready() ? std::exchange(lost_, 0) : 0; }

 private:
  static bool is_ready() noexcept {
    pollfd watched{STDERR_FILENO, POLLOUT, 0};
    return ::poll(&watched, 1, 0) == 1 && watched.revents == POLLOUT;
  }

  std::size_t lost_ = 0;
};

spdlog::level::level_enum to_spdlog(level severity) noexcept {
  switch (severity) {
    case level::debug:
      return spdlog::level::debug;
    case level::info:
      return spdlog::level::info;
    case level::warn:
      return spdlog::level::warn;
    case level::error:
      break;
  }
  return spdlog::level::err;
}

// If the process was started without a standard error, the first socket would get its number and all log lines.
void occupy_stderr() noexcept {
  if (::fcntl(STDERR_FILENO, F_GETFD) != -1) return;
  const int null_device = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (null_device == -1 || null_device == STDERR_FILENO) return;
  ::dup2(null_device, STDERR_FILENO);
  ::close(null_device);
}

struct state {
  state() {
    occupy_stderr();
    std::signal(SIGPIPE, SIG_IGN);  // whoever reads our standard error may go away at any time
    logger.set_level(spdlog::level::info);
    logger.set_error_handler([](const std::string&) {});
  }

  std::shared_ptr<stderr_sink> sink = std::make_shared<stderr_sink>();
  spdlog::logger logger{"sidecar", sink};
  format shape = format::text;
};

state& instance() {
  static state one;
  return one;
}

void emit(state& log, level severity, std::string_view message, fields extra) {
  const std::string line = format_line(std::chrono::system_clock::now(), severity, message, extra, log.shape);
  log.logger.log(to_spdlog(severity), spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace

void start(level threshold, format shape) {
  state& log = instance();
  log.logger.set_level(to_spdlog(threshold));
  log.shape = shape;
}

bool enabled(level wanted) noexcept {
  try {
    return instance().logger.should_log(to_spdlog(wanted));
  } catch (...) {
    return false;
  }
}

void write(level severity, std::string_view message, fields extra) {
  if (!enabled(severity)) return;
  try {
    state& log = instance();
    if (const std::size_t lost = log.sink->take_lost(); lost > 0) {
      emit(log, level::warn, "standard error did not take some log lines", {{"lost", std::to_string(lost)}});
    }
    emit(log, severity, message, extra);
  } catch (...) {
    // Out of memory, or the like: a line is worth less than the answers the process gives.
  }
}

void flush() noexcept {}  // each line is written at once

}  // namespace sidecar::log
