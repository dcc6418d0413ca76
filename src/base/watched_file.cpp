#include "sidecar/base/watched_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "sidecar/base/file_access.hpp"
#include "sidecar/base/shortage.hpp"

namespace sidecar {
namespace {

/// A directory that `..data` no longer names is removed at once: who has followed the link by then finds nothing. That
/// is no missing file, and a second look has the new one.
constexpr int looks = 4;

int open_to_read(const std::string& path) {
  for (int look = 1;; ++look) {
    // O_NONBLOCK: a FIFO in the file's place must not stop the process.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 || errno != ENOENT || look == looks) return fd;
  }
}

boost::system::error_code problem_of(int number) noexcept {
  if (number == ENOENT || number == ENOTDIR) return errc::file_missing;
  if (number == EACCES || number == EPERM) return errc::file_forbidden;
  return {number, boost::system::system_category()};
}

class descriptor {
 public:
  explicit descriptor(const std::string& path) : fd_(open_to_read(path)) {}
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
    if (count < 0) return problem_of(errno);
    if (count == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(count));
    if (bytes.size() > limit) return errc::file_too_large;
  }
}

bool same_time(const timespec& a, const timespec& b) noexcept { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

}  // namespace

watched_file::watched_file(std::string path, std::size_t limit, reader read)
    : path_(std::move(path)), limit_(limit), read_(std::move(read)) {}

watched_file::stamp watched_file::stamp_of(const struct stat& info) noexcept {
  return {info.st_dev, info.st_ino, info.st_size, info.st_mtim, info.st_ctim, 0};
}

watched_file::stamp watched_file::look() const noexcept {
  struct stat info {};
  if (::stat(path_.c_str(), &info) == 0) return stamp_of(info);
  return {.problem = errno};
}

bool watched_file::same(const stamp& a, const stamp& b) noexcept {
  return a.problem == b.problem && a.device == b.device && a.inode == b.inode && a.size == b.size &&
         same_time(a.modified, b.modified) && same_time(a.status_changed, b.status_changed);
}

watched_file::change watched_file::refresh(bool again) {
  const auto now = look();
  // A file that could not be opened may be open to us now (descriptors had run out) though it looks the same.
  const bool worth_opening = now.problem == 0 && !was_read_;
  if (!again && !worth_opening && same(now, seen_)) return change::none;

  stamp seen = now;
  auto fresh = read_now(seen);
  const auto previous_error = std::exchange(last_error_, fresh ? boost::system::error_code{} : fresh.error());
  const bool same_state = same(std::exchange(seen_, seen), seen);
  if (!fresh) return same_state && previous_error == last_error_ ? change::none : change::worse;
  if (*fresh == content_) return change::none;
  content_ = std::move(*fresh);
  return change::changed;
}

result<std::string> watched_file::read_now(stamp& seen) {
  was_read_ = false;
  const descriptor file(path_);
  struct stat info {};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) return problem_of(errno);
  // The swap may happen between stat and open: what counts is what was opened.
  seen = stamp_of(info);
  if (!S_ISREG(info.st_mode)) return errc::file_not_regular;
  auto raw = read_all(file.get(), limit_);
  was_read_ = raw || raw.error() == errc::file_too_large;
  if (!raw) return raw.error();
  return read_(*raw);
}

std::string watched_file::describe_problem() const {
  if (!last_error_) return {};
  if (last_error_ == errc::file_forbidden) return "cannot be read: " + explain_denial(path_);
  auto text = last_error_.message();
  if (last_error_.category() == boost::system::system_category()) text.insert(0, "cannot be read: ");
  if (const auto remedy = descriptor_remedy(last_error_); !remedy.empty()) text.append("; ").append(remedy);
  return text;
}

}  // namespace sidecar
