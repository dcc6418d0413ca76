#pragma once

#include <string>
#include <string_view>

namespace sidecar::kube {

/// What the body of an error response says, for the log: a Status' message, else its text, of HTML the text between the
/// tags, in one line of 256 bytes at most. The body may be cut. It is foreign text, and may repeat the request's
/// Authorization: whoever writes it takes the token out.
std::string error_text(std::string_view body);

}  // namespace sidecar::kube
