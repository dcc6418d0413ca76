#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sidecar {

/// "game, web".
std::string joined(std::span<const std::string_view> items);

/// The parts between commas, blanks included; of an empty text one that is empty.
std::vector<std::string> split_list(std::string_view text);

/// The item closest to `wanted` by edit distance (Levenshtein's: bytes inserted, removed or replaced); empty if none is
/// close: a third of its length at most, or 2.
std::string_view nearest_of(std::span<const std::string_view> items, std::string_view wanted);

}  // namespace sidecar
