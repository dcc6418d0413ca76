#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/errc.hpp"

namespace sidecar::json {

/// Where a text stands: the keys from the outermost object inward. Nothing in a list is ever meant.
using path = std::initializer_list<std::string_view>;

/// The texts at `paths`, in that order; empty where there is none, or something that is not a text. For documents of a
/// few kilobytes. Errors: as json::read.
result<std::vector<std::string>> read_texts(std::string_view text, std::initializer_list<path> paths);

/// The same where no key on a path may be there twice: json_repeated_key.
result<std::vector<std::string>> read_unique_texts(std::string_view text, std::initializer_list<path> paths);

}  // namespace sidecar::json
