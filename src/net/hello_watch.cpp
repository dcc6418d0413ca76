#include "sidecar/net/hello_watch.hpp"

#include <algorithm>

namespace sidecar::net {
namespace {

/// With its record's header; as much as a request's head.
constexpr std::size_t longest_client_hello = 8 * 1024;

constexpr std::size_t record_header = 5;     ///< type, version, length
constexpr std::size_t handshake_header = 4;  ///< type, length
constexpr unsigned char handshake = 22;      ///< a record's type
constexpr unsigned char client_hello = 1;    ///< a message's type

template <class Bytes>
std::size_t record_size(const Bytes& start) noexcept {
  return static_cast<std::size_t>(start[3]) << 8U | start[4];
}

template <class Bytes>
std::size_t message_size(const Bytes& start) noexcept {
  return static_cast<std::size_t>(start[6]) << 16U | static_cast<std::size_t>(start[7]) << 8U | start[8];
}

}  // namespace

bool hello_watch::allows(std::string_view bytes) noexcept {
  while (left_ > 0 && !bytes.empty()) {
    if (skip_ > 0) {
      const auto count = std::min(skip_, bytes.size());
      skip_ -= count;
      bytes.remove_prefix(count);
      continue;
    }
    start_[have_++] = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (is_read() && !judge()) return false;
  }
  return true;
}

/// As much of the record as must be known.
bool hello_watch::is_read() const noexcept {
  if (have_ < record_header) return false;
  const bool tells_more = start_[0] == handshake && record_size(start_) >= handshake_header;
  return have_ == record_header + (tells_more ? handshake_header : 0);
}

bool hello_watch::judge() noexcept {
  const auto record = record_size(start_);
  skip_ = record + record_header - have_;
  have_ = 0;
  // Others come in between: a ChangeCipherSpec for middleboxes, early data, alerts.
  if (start_[0] != handshake) return true;
  --left_;
  if (record < handshake_header) return false;
  if (start_[record_header] != client_hello) return true;
  return handshake_header + message_size(start_) == record && record_header + record < longest_client_hello;
}

}  // namespace sidecar::net
