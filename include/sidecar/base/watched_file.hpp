#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar {

/// A small file that others replace while we run, the way the kubelet does: `token -> ..data/token`, and `..data` is
/// swapped by rename (kubernetes pkg/volume/util/atomic_writer.go). So it is opened by its full path every time, and a
/// good content is never given up for a bad one.
class watched_file {
 public:
  /// Turns raw bytes into the content worth keeping, or says what is wrong with them.
  using reader = std::function<result<std::string>(std::string_view raw)>;

  enum class change { none, changed, worse };

  watched_file(std::string path, std::size_t limit, reader read);

  /// Looks at the file: by `stat` only, unless that differs from last time or `again` is set. `changed`: content() is
  /// new. `worse`: the file cannot be used, last_error() says why, content() is what it was. A bad file is reported
  /// once for each of its states.
  change refresh(bool again = false);

  const std::string& content() const noexcept { return content_; }
  const std::string& path() const noexcept { return path_; }
  /// One of errc, or the system's where a file is there and may be read and reading it failed.
  boost::system::error_code last_error() const noexcept { return last_error_; }
  /// last_error() in words that follow the path, with what there is to see of the cause: for a file that may not be
  /// read its mode and owner and our uid, for a shortage the remedy. Empty without an error.
  std::string describe_problem() const;

 private:
  struct stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    timespec modified{};
    timespec status_changed{};
    int problem = 0;  ///< stat's errno; then the rest says nothing
  };

  static stamp stamp_of(const struct stat& info) noexcept;
  stamp look() const noexcept;
  static bool same(const stamp& a, const stamp& b) noexcept;
  result<std::string> read_now(stamp& seen);

  std::string path_;
  std::size_t limit_;
  reader read_;
  stamp seen_;
  bool was_read_ = true;  ///< by the last look, whatever stood in it
  std::string content_;
  boost::system::error_code last_error_;
};

}  // namespace sidecar
