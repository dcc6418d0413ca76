#pragma once

#include <string>

#include "support/http_client.hpp"

namespace sidecar::test {

/// One of tests/data/recordings, cut up as the client cuts up what it reads.
http_response load_recording(const std::string& name);
/// The same with any response; it may end without its last chunk, but not within one.
http_response parse_message(const std::string& text);

}  // namespace sidecar::test
