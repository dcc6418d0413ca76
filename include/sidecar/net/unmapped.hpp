#pragma once

#include <boost/asio/ip/address.hpp>

namespace sidecar::net {

/// PURE. An IPv4 address that is mapped into IPv6 (::ffff:10.0.0.1, RFC 4291, 2.5.5.2) as IPv4; any other as it is.
inline boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

}  // namespace sidecar::net
