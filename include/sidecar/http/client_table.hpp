#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sidecar/http/client_record.hpp"

namespace sidecar::http {

/// The last client addresses, one record each. A fixed array: when it is full, the address that was seen least recently
/// goes. Pure: the time is a parameter.
class client_table {
 public:
  using time_point = client_time;
  static constexpr std::size_t max_clients = 32;

  client_table() = default;
  client_table(const client_table&) = delete;
  client_table& operator=(const client_table&) = delete;

  /// Counts a connection of that address. Its record may take the place of another address's.
  client_record& connect(const boost::asio::ip::address& address, time_point connected) noexcept;

  /// The record of that address; null: there is none, or no more.
  client_record* find(const boost::asio::ip::address& address) noexcept;

  /// Copies, the most recently seen first.
  std::vector<client_record> records() const;

  /// The number of addresses with a request or an agent check within `window`.
  std::size_t active(time_point now, std::chrono::nanoseconds window) const noexcept;

 private:
  std::array<client_record, max_clients> records_{};
  std::size_t size_ = 0;
};

}  // namespace sidecar::http
