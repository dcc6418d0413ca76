#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/errc.hpp"

/// A document as a tree, for what is read once and with many fields. Queries read single fields without one.
namespace sidecar::json {

struct value {
  enum class kind : std::uint8_t { null, boolean, number, text, array, object };

  std::string text{};                     ///< of a string
  std::optional<std::int64_t> integer{};  ///< of a number that `events::integer` gets
  bool is_true = false;
  std::vector<value> elements{};    ///< of an array, or the values of an object
  std::vector<std::string> keys{};  ///< of an object: the names of its values
  kind type = kind::null;           ///< also of a value that is not there

  /// The object's value of that name, the first of several; a value without content if there is none.
  const value& operator[](std::string_view name) const noexcept;
};

/// Errors: as `parse`; json_too_large for more than `max_values`, which bounds the memory to a few MiB. The
/// members of `skipped` names, at any depth, are left out.
result<value> read_tree(std::string_view text, std::initializer_list<std::string_view> skipped = {},
                        std::size_t max_values = 20'000);

}  // namespace sidecar::json
