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

// spdlog's own standard-error sink blocks while the reader stalls, and the daemon has one thread. This one polls first:
// a pipe that is ready takes PIPE_BUF bytes whole, and a line is never longer.
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

  /// How many lines were lost, once standard error takes lines again; else 0.
  std::size_t take_lost() noexcept { return lost_ > 0 && is_ready() ? std::exchange(lost_, 0) : 0; }

 private:
  static bool is_ready() noexcept {
    pollfd watched{STDERR_FILENO, POLLOUT, 0};
    return ::poll(&watched, 1, 0) == 1 && watched.revents == POLLOUT;
  }

  std::size_t lost_ = 0;
};

static_assert(static_cast<int>(level::debug) == SPDLOG_LEVEL_DEBUG);
static_assert(static_cast<int>(level::error) == SPDLOG_LEVEL_ERROR);

spdlog::level::level_enum to_spdlog(level severity) noexcept {
  return static_cast<spdlog::level::level_enum>(severity);
}

// A process that starts without standard error gives its descriptor number, and so all log lines, to the first socket.
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
    std::signal(SIGPIPE, SIG_IGN);  // the reader of standard error may close its end at any time
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

void configure(level threshold, format shape) {
  state& log = instance();
  log.logger.set_level(to_spdlog(threshold));
  log.shape = shape;
}

bool enabled(level wanted) noexcept { return instance().logger.should_log(to_spdlog(wanted)); }

void write(level severity, std::string_view message, fields extra) {
  if (!enabled(severity)) return;
  state& log = instance();
  if (const std::size_t lost = log.sink->take_lost(); lost > 0) {
    emit(log, level::warn, "log lines were lost: standard error did not take them; check the log collector",
         {{"lost", std::to_string(lost)}});
  }
  emit(log, severity, message, extra);
}

}  // namespace sidecar::log
