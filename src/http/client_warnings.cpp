#include "sidecar/http/client_warnings.hpp"

#include "sidecar/base/log.hpp"
#include "sidecar/net/unmapped.hpp"

namespace sidecar::http {
namespace {

constexpr std::size_t max_client_warnings = 32;

}  // namespace

void client_warnings::add(const std::string& what, const boost::asio::ip::tcp::endpoint& client) {
  auto address = net::unmapped(client.address()).to_string();
  const bool is_new = logged_.size() < max_client_warnings && logged_.insert(what + ' ' + address).second;
  log::write(is_new ? log::level::warn : log::level::debug, what, {{"client", std::move(address)}});
}

void client_warnings::add_once(const std::string& what, const boost::asio::ip::tcp::endpoint& client) {
  if (logged_once_.insert(what).second) log::warn(what, {{"client", net::unmapped(client.address()).to_string()}});
}

}  // namespace sidecar::http
