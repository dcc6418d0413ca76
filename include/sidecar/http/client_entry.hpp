#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>

#include "sidecar/http/client_table.hpp"

namespace sidecar::http {

/// The record that the table keeps of one connection's address. The entry may be given to another address meanwhile:
/// then the record is begun again with the next request. `clients` outlives it.
class client_entry {
 public:
  /// `clients` is null if there are no records. Otherwise it counts the connection.
  client_entry(client_table* clients, const boost::asio::ip::address& client, client_table::time_point accepted);

  bool has_table() const noexcept { return clients_ != nullptr; }
  /// Null: no table, or the entry has been given to another address.
  client_record* find() const noexcept;
  /// Requires a table.
  client_record& find_or_add() noexcept;

 private:
  void add() noexcept;

  client_table* clients_;
  client_table::entry* entry_ = nullptr;
  std::uint32_t generation_ = 0;  ///< of the entry while it is this address's
  boost::asio::ip::address address_{};
  client_table::time_point accepted_;
};

}  // namespace sidecar::http
