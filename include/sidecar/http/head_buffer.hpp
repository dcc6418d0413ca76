#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <string_view>

#include "sidecar/http/limits.hpp"

namespace sidecar::http {

/// The bytes of the current head and those after it, at most `head_bytes`. It keeps little memory between two requests,
/// however long the last head was.
class head_buffer {
 public:
  std::string_view data() const noexcept { return {static_cast<const char*>(bytes_.cdata().data()), bytes_.size()}; }
  bool empty() const noexcept { return bytes_.size() == 0; }

  /// Leaves views of other bytes valid.
  void consume(std::size_t count) noexcept { bytes_.consume(count); }

  /// Room for more bytes; never empty while it has fewer than `head_bytes`. Ends the validity of all views.
  boost::asio::mutable_buffer room() {
    if (bytes_.capacity() > usual_bytes && bytes_.size() <= usual_bytes) bytes_.shrink_to_fit();
    const auto size = bytes_.size();
    return bytes_.prepare(size < usual_bytes ? usual_bytes - size : std::min(usual_bytes, head_bytes - size));
  }

  void commit(std::size_t count) noexcept { bytes_.commit(count); }

 private:
  static constexpr std::size_t usual_bytes = 1024;  // nearly every head is shorter

  boost::beast::flat_buffer bytes_{head_bytes};
};

}  // namespace sidecar::http
