#pragma once

#include <string_view>

namespace sidecar::status {

/// The page for people, one file without anything external; the build makes both from page.html, .css and .js. The
/// policy allows its own style and script, by their hashes, and requests to its own origin.
extern const std::string_view page_html;
extern const std::string_view page_policy;

}  // namespace sidecar::status
