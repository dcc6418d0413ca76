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
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::size_t max_clients = 32;

  struct entry {
    client_record record{};
    time_point connected{};        ///< the last connection
    std::uint32_t generation = 0;  ///< changes when the entry is given to another address
  };

  client_table() = default;
  client_table(const client_table&) = delete;
  client_table& operator=(const client_table&) = delete;

  /// The entry of an address that has connected; a new one may take the place of another address's. It stays where it
  /// is, and is the address's as long as its generation stays.
  entry& find_or_add(const boost::asio::ip::address& address, time_point connected) noexcept;

  /// Copies, the most recently seen first.
  std::vector<client_record> records() const;

  /// The number of addresses with a request or an agent check within `window`.
  std::size_t active(time_point now, std::chrono::nanoseconds window) const noexcept;

 private:
  std::array<entry, max_clients> entries_{};
  std::size_t size_ = 0;
};

}  // namespace sidecar::http
