#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sidecar::test {

/// How a process ended.
struct exit_status {
  int code = -1;   ///< -1 if a signal ended it
  int signal = 0;  ///< 0 if it ended by itself
  bool operator==(const exit_status&) const = default;
};

/// A child process whose output is read line by line. The destructor kills and reaps it, and it does not outlive the
/// thread that made it. (PR_SET_PDEATHSIG counts threads: make it on one that stays, as a test's own does.)
class process {
 public:
  /// Standard input is /dev/null; the environment is `environment` and nothing else.
  process(const std::string& path, const std::vector<std::string>& arguments,
          const std::map<std::string, std::string>& environment = {});
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  pid_t id() const noexcept { return id_; }
  void send(int signal) const;
  /// Nothing if it still runs after `timeout`.
  std::optional<exit_status> wait(std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// Sends the signal and waits.
  std::optional<exit_status> terminate(int signal, std::chrono::milliseconds timeout = std::chrono::seconds{10});

  /// The first line, of those that were there and those to come, for which `wanted` holds; nothing if the stream ends
  /// or the time is up before. Lines come without their end.
  std::optional<std::string> wait_for_output(const std::function<bool(const std::string&)>& wanted,
                                             std::chrono::milliseconds timeout = std::chrono::seconds{10});
  std::optional<std::string> wait_for_error(const std::function<bool(const std::string&)>& wanted,
                                            std::chrono::milliseconds timeout = std::chrono::seconds{10});
  std::vector<std::string> output() const;
  std::vector<std::string> error() const;

 private:
  struct stream {
    int handle = -1;
    std::vector<std::string> lines;
    bool ended = false;
    std::thread reader;
  };

  void read(stream& from);
  std::optional<std::string> wait_for(stream& from, const std::function<bool(const std::string&)>& wanted,
                                      std::chrono::milliseconds timeout);

  pid_t id_ = -1;
  int pid_handle_ = -1;
  std::optional<exit_status> status_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  stream output_;
  stream error_;
};

/// A program whose log is followed, line after line.
class followed_program {
 public:
  enum class stream { output, error };

  followed_program(const std::string& path, const std::vector<std::string>& arguments, stream log,
                   const std::map<std::string, std::string>& environment = {})
      : log_(log), process_(path, arguments, environment) {}

  /// Waits for a line with that text after the one that was waited for last; nothing if none comes.
  std::optional<std::string> says(std::string_view text);

 private:
  stream log_;
  process process_;
  std::size_t read_ = 0;  ///< lines
};

}  // namespace sidecar::test
