#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/config.hpp"

/// PURE. The ports that the sidecar opens.
namespace sidecar::config {

struct port_use {
  std::string_view option;
  listen_address address;
};

/// Each port that is opened, in the order in which the options were introduced.
std::vector<port_use> ports_in_use(const config& settings);

/// What to write instead of `taken`, whose port is another's: the next port that is not in `used`, after 65535 from
/// 3001 on; with the address, if one was given. `used` leaves a port free.
std::string another_port(const listen_address& taken, const std::set<std::int64_t>& used);

}  // namespace sidecar::config
