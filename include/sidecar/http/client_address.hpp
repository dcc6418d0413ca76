#pragma once

#include <boost/asio/ip/address.hpp>

namespace sidecar::http {

/// A client's address as people write it: an IPv4 client of a dual-stack socket as IPv4.
inline boost::asio::ip::address client_address(const boost::asio::ip::address& accepted) {
  if (!accepted.is_v6() || !accepted.to_v6().is_v4_mapped()) return accepted;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, accepted.to_v6());
}

}  // namespace sidecar::http
