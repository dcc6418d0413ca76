#include "sidecar/http/client_table.hpp"

#include <algorithm>

namespace sidecar::http {
namespace {

client_table::time_point last_seen(const client_table::entry& one) noexcept {
  return std::max(one.connected, one.record.last_request);
}

}  // namespace

client_table::entry& client_table::find_or_add(const boost::asio::ip::address& address, time_point connected) noexcept {
  auto* const begin = entries_.data();
  auto* const end = begin + size_;
  auto* one = std::find_if(begin, end, [&](const entry& each) { return each.record.address == address; });
  if (one == end) {
    if (size_ < max_clients) {
      ++size_;
    } else {
      one = std::ranges::min_element(begin, end, {}, last_seen);
    }
    *one = {.generation = one->generation + 1};
    one->record.address = address;
  }
  one->connected = std::max(one->connected, connected);
  return *one;
}

std::vector<client_record> client_table::records() const {
  std::array<const entry*, max_clients> newest{};
  for (std::size_t i = 0; i < size_; ++i) newest[i] = &entries_[i];
  std::sort(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(size_),
            [](const entry* left, const entry* right) { return last_seen(*left) > last_seen(*right); });
  std::vector<client_record> copies;
  copies.reserve(size_);
  for (std::size_t i = 0; i < size_; ++i) copies.push_back(newest[i]->record);
  return copies;
}

std::size_t client_table::active(time_point now, std::chrono::nanoseconds window) const noexcept {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(), [&](const entry& one) {
    return one.record.has_request() && now - one.record.last_request < window;
  }));
}

}  // namespace sidecar::http
