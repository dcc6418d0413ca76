#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "sidecar/http/limits.hpp"

namespace sidecar::http {

/// The bytes of the current head and those after it: a small buffer in the session, and a large one (head_bytes) only
/// while a request needs it.
class head_buffer {
 public:
  std::string_view data() const noexcept { return {start() + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }

  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (large_ && end_ - begin_ <= small_.size()) {
      std::memcpy(small_.data(), large_.get() + begin_, end_ - begin_);
      large_.reset();
      end_ -= begin_;
      begin_ = 0;
    }
    if (empty()) begin_ = end_ = 0;
  }

  /// Room for more bytes; never empty while it has fewer than `head_bytes`.
  boost::asio::mutable_buffer room() {
    if (begin_ > 0) {
      std::memmove(start(), start() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (!large_ && end_ == small_.size()) {
      large_ = std::make_unique_for_overwrite<char[]>(head_bytes);
      std::memcpy(large_.get(), small_.data(), end_);
    }
    return {start() + end_, (large_ ? head_bytes : small_.size()) - end_};
  }

  void commit(std::size_t count) noexcept { end_ += count; }

 private:
  const char* start() const noexcept { return large_ ? large_.get() : small_.data(); }
  char* start() noexcept { return large_ ? large_.get() : small_.data(); }

  std::array<char, 1024> small_;
  std::unique_ptr<char[]> large_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sidecar::http
