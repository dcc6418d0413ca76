#include "sidecar/http/client_warnings.hpp"

#include "sidecar/base/log.hpp"

namespace sidecar::http {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t max_client_warnings = 32;

/// An IPv4 client of a dual-stack socket is shown as IPv4.
std::string shown(const ip::address& client) {
  if (!client.is_v6() || !client.to_v6().is_v4_mapped()) return client.to_string();
  return ip::make_address_v4(ip::v4_mapped, client.to_v6()).to_string();
}

}  // namespace

void client_warnings::add(const std::string& what, const ip::tcp::endpoint& client) {
  auto address = shown(client.address());
  const bool is_new = logged_.size() < max_client_warnings && logged_.insert(what + ' ' + address).second;
  log::write(is_new ? log::level::warn : log::level::debug, what, {{"client", std::move(address)}});
}

}  // namespace sidecar::http
