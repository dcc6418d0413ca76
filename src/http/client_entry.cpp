#include "sidecar/http/client_entry.hpp"

#include "sidecar/net/unmapped.hpp"

namespace sidecar::http {

client_entry::client_entry(client_table* clients, const boost::asio::ip::address& client,
                           client_table::time_point accepted)
    : clients_(clients), accepted_(accepted) {
  if (!has_table()) return;
  address_ = net::unmapped(client);
  add();
}

client_record* client_entry::find() const noexcept {
  return has_table() && entry_->generation == generation_ ? &entry_->record : nullptr;
}

client_record& client_entry::find_or_add() noexcept {
  if (entry_->generation != generation_) add();
  return entry_->record;
}

void client_entry::add() noexcept {
  entry_ = &clients_->find_or_add(address_, accepted_);
  generation_ = entry_->generation;
  ++entry_->record.connections;
}

}  // namespace sidecar::http
