#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/errc.hpp"

/// PURE. JSON documents (RFC 8259) as trees, of which only the members that the caller names are built.
namespace sidecar::json {

struct value {
  enum class kind : std::uint8_t { null, boolean, number, text, array, object };

  std::string text{};                     ///< of a string: decoded, in UTF-8
  std::optional<std::int64_t> integer{};  ///< of a number without fraction or exponent that fits into 64 bits
  bool is_true = false;
  std::vector<value> elements{};    ///< of an array, or the values of an object, in document order
  std::vector<std::string> keys{};  ///< of an object: the names of its values
  kind type = kind::null;           ///< also of a value that is not there

  /// The object's value of that name, the last of several; a value without content if there is none.
  const value& operator[](std::string_view name) const noexcept;
};

/// True for the names of the members that are kept, at any depth. The others are parsed, but never stored, so that what
/// is large and not read, like annotations, costs no memory.
using name_filter = std::function<bool(std::string_view name)>;

/// The names outlive the filter.
name_filter only(std::vector<std::string_view> names);
name_filter all_but(std::vector<std::string_view> names);

inline constexpr std::size_t max_depth = 64;
inline constexpr std::size_t max_values = 20'000;

/// Reads exactly one document, in UTF-8; a leading byte order mark is skipped. Integers may have any number of digits;
/// a number outside the range of a double (1e999) is json_invalid. No document makes it throw. Errors: json_invalid,
/// json_too_deep (more than `max_depth` open objects and arrays), json_too_large (more than `limit` values are kept,
/// which bounds the memory to a few MiB beside their texts).
result<value> read_tree(std::string_view text, const name_filter& keeps = all_but({}), std::size_t limit = max_values);

}  // namespace sidecar::json
