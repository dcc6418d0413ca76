#pragma once

#include <boost/asio/ip/address.hpp>

#include "sidecar/net/unmapped.hpp"

namespace sidecar::http {

/// A client's address as people write it: an IPv4 client of a dual-stack socket as IPv4.
inline boost::asio::ip::address client_address(const boost::asio::ip::address& accepted) {
  return net::unmapped(accepted);
}

}  // namespace sidecar::http
