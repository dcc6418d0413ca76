#include "sidecar/net/hello_watch.hpp"

#include <algorithm>

namespace sidecar::net {
namespace {

constexpr char handshake = 22;         ///< a record's type
constexpr char client_hello_type = 1;  ///< a message's

}  // namespace

bool hello_watch::allows(std::string_view bytes) noexcept {
  while (left_ > 0 && !bytes.empty()) {
    if (skip_ > 0) {
      const auto count = std::min(skip_, bytes.size());
      skip_ -= count;
      bytes.remove_prefix(count);
      continue;
    }
    start_[have_++] = bytes.front();
    bytes.remove_prefix(1);
    if (is_read() && !judge()) return false;
  }
  return true;
}

/// As much of the record as must be known.
bool hello_watch::is_read() const noexcept {
  if (have_ < tls_record_header) return false;
  const bool tells_more = start_[0] == handshake && tls_record_size(start()) >= tls_handshake_header;
  return have_ == tls_record_header + (tells_more ? tls_handshake_header : 0);
}

bool hello_watch::judge() noexcept {
  const bool is_other_message = have_ > tls_record_header && start_[tls_record_header] != client_hello_type;
  const bool is_sound = is_other_message || read_client_hello(start()) != client_hello::refused;
  skip_ = tls_record_size(start()) + tls_record_header - have_;
  have_ = 0;
  // Others come in between: a ChangeCipherSpec for middleboxes, early data, alerts.
  if (start_[0] != handshake) return true;
  --left_;
  return is_sound;
}

}  // namespace sidecar::net
