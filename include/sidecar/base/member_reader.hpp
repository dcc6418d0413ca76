#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/json.hpp"

namespace sidecar::json {

/// PURE. Reads members of a tree's objects. A value of another type is an error (json_wrong_type), and so is a name
/// that is there twice (json_duplicate_key): which of the two counts would be a guess. Null counts as absent, and in a
/// list as an object without members, as in the API server's own decoding. What is absent, or an error, is read as
/// empty. The first error is kept: look at it when everything has been read.
class member_reader {
 public:
  const value& object(const value& parent, std::string_view name) { return member(parent, name, value::kind::object); }
  const std::vector<value>& list(const value& parent, std::string_view name);
  const std::string& text(const value& parent, std::string_view name);
  std::optional<std::string> optional_text(const value& parent, std::string_view name);
  bool boolean(const value& parent, std::string_view name);
  std::int64_t integer(const value& parent, std::string_view name);

  /// The member of whatever type; what is no object has none.
  const value& unique(const value& parent, std::string_view name);

  const std::optional<errc>& error() const noexcept { return error_; }

 private:
  const value& member(const value& parent, std::string_view name, value::kind type);
  const value& refuse(errc why);

  std::optional<errc> error_;
};

}  // namespace sidecar::json
