#include "sidecar/base/watched_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/file_access.hpp"
#include "sidecar/base/shortage.hpp"

namespace sidecar {
namespace {

/// The kubelet removes the old directory as soon as `..data` names the new one. An open that followed the link before
/// fails with ENOENT though no file is missing; the next attempt finds the new directory.
constexpr int max_attempts = 4;

int open_for_reading(const std::string& path) {
  for (int attempt = 1;; ++attempt) {
    // O_NONBLOCK: opening a FIFO must not block the process.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 || errno != ENOENT || attempt == max_attempts) return fd;
  }
}

boost::system::error_code error_of(int number) noexcept {
  if (number == ENOENT || number == ENOTDIR) return errc::file_missing;
  if (number == EACCES || number == EPERM) return errc::file_permission_denied;
  return {number, boost::system::system_category()};
}

class descriptor {
 public:
  explicit descriptor(const std::string& path) : fd_(open_for_reading(path)) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

result<std::string> read_all(int fd, std::size_t limit) {
  std::string bytes;
  std::array<char, 4096> part{};
  for (;;) {
    const auto count = ::read(fd, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error_of(errno);
    if (count == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(count));
    if (bytes.size() > limit) return errc::file_too_large;
  }
}

std::int64_t nanoseconds(const timespec& time) noexcept {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

watched_file::watched_file(std::string path, std::size_t limit, parser parse)
    : path_(std::move(path)), limit_(limit), parse_(std::move(parse)) {}

watched_file::stamp watched_file::stamp_of(const struct stat& info) noexcept {
  return {info.st_dev, info.st_ino, info.st_size, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim), 0};
}

watched_file::stamp watched_file::current_stamp() const noexcept {
  struct stat info {};
  if (::stat(path_.c_str(), &info) == 0) return stamp_of(info);
  return {.problem = errno};
}

watched_file::change watched_file::refresh(bool force) {
  auto seen = current_stamp();
  // A file that could not be opened (no descriptor was left) may open now, though its stamp is the same.
  const bool worth_opening = seen.problem == 0 && !was_read_;
  if (!force && !worth_opening && seen == seen_) return change::none;

  auto fresh = read(seen);
  const auto previous_error = std::exchange(last_error_, fresh ? boost::system::error_code{} : fresh.error());
  const bool same_state = std::exchange(seen_, seen) == seen;
  if (!fresh) return same_state && previous_error == last_error_ ? change::none : change::failed;
  if (*fresh == content_) return change::none;
  content_ = std::move(*fresh);
  return change::changed;
}

result<std::string> watched_file::read(stamp& seen) {
  was_read_ = false;
  const descriptor file(path_);
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return error_of(errno);
  // The file may be swapped between stat and open: the stamp must be that of the file that was opened.
  seen = stamp_of(info);
  if (!S_ISREG(info.st_mode)) return errc::file_not_regular;
  auto raw = read_all(file.get(), limit_);
  was_read_ = raw || raw.error() == errc::file_too_large;
  if (!raw) return raw.error();
  return parse_(*raw);
}

std::string watched_file::describe_problem() const {
  if (!last_error_) return {};
  if (last_error_ == errc::file_permission_denied) return "cannot be read: " + explain_denial(path_);
  auto text = last_error_.message();
  if (last_error_.category() == boost::system::system_category()) text.insert(0, "cannot be read: ");
  if (const auto advice = descriptor_advice(last_error_); !advice.empty()) text.append("; ").append(advice);
  return text;
}

result<std::string> whole_text(std::string_view raw) {
  if (trim(raw).empty()) return errc::file_empty;
  return std::string{raw};
}

result<std::string> trimmed_text(std::string_view raw) { return whole_text(trim(raw)); }

}  // namespace sidecar
