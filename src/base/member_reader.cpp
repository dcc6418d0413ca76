#include "sidecar/base/member_reader.hpp"

#include <algorithm>

namespace sidecar::json {

const std::vector<value>& member_reader::list(const value& parent, std::string_view name) {
  return member(parent, name, value::kind::array).elements;
}

const std::string& member_reader::text(const value& parent, std::string_view name) {
  return member(parent, name, value::kind::text).text;
}

std::optional<std::string> member_reader::optional_text(const value& parent, std::string_view name) {
  const auto& found = member(parent, name, value::kind::text);
  if (found.type != value::kind::text) return std::nullopt;
  return found.text;
}

bool member_reader::boolean(const value& parent, std::string_view name) {
  return member(parent, name, value::kind::boolean).is_true;
}

std::int64_t member_reader::integer(const value& parent, std::string_view name) {
  const auto& found = member(parent, name, value::kind::number);
  if (found.type == value::kind::number && !found.integer) refuse(errc::json_wrong_type);
  return found.integer.value_or(0);
}

const value& member_reader::unique(const value& parent, std::string_view name) {
  return std::ranges::count(parent.keys, name) > 1 ? refuse(errc::json_duplicate_key) : parent[name];
}

const value& member_reader::member(const value& parent, std::string_view name, value::kind type) {
  if (parent.type != value::kind::object && parent.type != value::kind::null) return refuse(errc::json_wrong_type);
  const auto& found = unique(parent, name);
  return found.type == type || found.type == value::kind::null ? found : refuse(errc::json_wrong_type);
}

const value& member_reader::refuse(errc why) {
  if (!error_) error_ = why;
  static const value nothing;
  return nothing;
}

}  // namespace sidecar::json
