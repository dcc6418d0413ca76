#pragma once

#include <string_view>

#include "sidecar/base/json.hpp"

namespace sidecar::json {

/// Reads one document, an object, of which only the member `name` is passed on: `handler` sees its value as if it were
/// a document of its own, or nothing if there is no such member. `name` must outlive the call. Errors: as `read`;
/// json_repeated_key if the member is there twice.
result<void> read_member(std::string_view text, std::string_view name, events& handler);

}  // namespace sidecar::json
