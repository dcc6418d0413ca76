#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar {

/// A small file that is replaced while the process runs, as the kubelet does it: `token -> ..data/token`, and `..data`
/// is swapped by rename (kubernetes pkg/volume/util/atomic_writer.go). So the file is opened by its full path every
/// time. Bad content never replaces good content.
class watched_file {
 public:
  /// The content to keep of a file's bytes, or what is wrong with them.
  using parser = std::function<result<std::string>(std::string_view raw)>;

  enum class change { none, changed, failed };

  /// `limit` is the largest size in bytes.
  watched_file(std::string path, std::size_t limit, parser parse);

  /// Calls stat(2), and reads the file if that differs from last time or with `force`. `changed`: content() is new.
  /// `failed`: the file is not usable, last_error() says why, content() stays; returned once for each state of the
  /// file.
  change refresh(bool force = false);

  const std::string& content() const noexcept { return content_; }
  const std::string& path() const noexcept { return path_; }
  /// An errc, the parser's error, or the system's if opening or reading failed for another reason.
  boost::system::error_code last_error() const noexcept { return last_error_; }
  /// last_error() in words that follow the path: for a permission that was denied with mode, owner and our uid, for a
  /// shortage with advice. Empty without an error.
  std::string describe_problem() const;

 private:
  struct stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    std::int64_t modified = 0;        ///< in nanoseconds
    std::int64_t status_changed = 0;  ///< in nanoseconds
    int problem = 0;                  ///< stat's errno; then the other fields mean nothing

    bool operator==(const stamp&) const = default;
  };

  static stamp stamp_of(const struct stat& info) noexcept;
  stamp current_stamp() const noexcept;
  result<std::string> read(stamp& seen);

  std::string path_;
  std::size_t limit_;
  parser parse_;
  stamp seen_;
  bool was_read_ = true;  ///< the bytes could be read last time, whatever they were
  std::string content_;
  boost::system::error_code last_error_;
};

/// PURE. Parsers of texts: the bytes as they are, or without the white space around them. Error: file_empty for nothing
/// but white space.
result<std::string> whole_text(std::string_view raw);
result<std::string> trimmed_text(std::string_view raw);

}  // namespace sidecar
