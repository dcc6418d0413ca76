#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/http/client_record.hpp"

namespace sidecar::http {

/// PURE. What is odd about a client's checks, and what to do about it: one clause each, without a full stop; empty if
/// nothing is. They quote the client's own text, which may be any bytes. `all`: every record, `client` among them.
/// `mode` decides which paths are of use here.
std::vector<std::string> remarks(const client_record& client, std::span<const client_record> all,
                                 std::chrono::steady_clock::time_point now,
                                 config::run_mode mode = config::run_mode::sidecar);

}  // namespace sidecar::http
