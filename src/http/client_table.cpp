#include "sidecar/http/client_table.hpp"

#include <algorithm>

namespace sidecar::http {
namespace {

client_time last_seen(const client_record& one) noexcept { return std::max(one.connected, one.last_request); }

}  // namespace

client_record& client_table::connect(const boost::asio::ip::address& address, time_point connected) noexcept {
  auto* one = find(address);
  if (one == nullptr) {
    one = size_ < max_clients ? &records_[size_++] : &*std::ranges::min_element(records_, {}, last_seen);
    *one = {.address = address};
  }
  one->connected = std::max(one->connected, connected);
  ++one->connections;
  return *one;
}

client_record* client_table::find(const boost::asio::ip::address& address) noexcept {
  const auto end = records_.begin() + static_cast<std::ptrdiff_t>(size_);
  const auto found = std::find_if(records_.begin(), end, [&](const auto& one) { return one.address == address; });
  return found == end ? nullptr : &*found;
}

std::vector<client_record> client_table::records() const {
  std::vector<client_record> copies(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(size_));
  std::ranges::stable_sort(copies, std::ranges::greater{}, last_seen);
  return copies;
}

std::size_t client_table::active(time_point now, std::chrono::nanoseconds window) const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      records_, [&](const client_record& one) { return one.has_request() && now - one.last_request < window; }));
}

}  // namespace sidecar::http
