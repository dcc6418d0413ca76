#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/json.hpp"

/// Single fields of a document, read in one pass and without a tree.
namespace sidecar::json {

/// Parses a document and passes the value of the outermost object's member `name` to `handler`, as if that value were a
/// document; without such a member the handler receives nothing. `name` must outlive the call. Errors: as `parse`;
/// json_duplicate_key for a member that occurs twice.
result<void> read_member(std::string_view text, std::string_view name, events& handler);

/// The keys that lead to a string, from the outermost object inward. No path leads into an array.
using path = std::initializer_list<std::string_view>;

/// The strings at `paths`, in that order; empty for a path that is absent or leads to another type. Of a duplicate key
/// the last counts. Errors: as `parse`.
result<std::vector<std::string>> read_texts(std::string_view text, std::initializer_list<path> paths);

/// The same; a duplicate key on a path is json_duplicate_key.
result<std::vector<std::string>> read_unique_texts(std::string_view text, std::initializer_list<path> paths);

}  // namespace sidecar::json
