#include "sidecar/base/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace sidecar::json {
namespace {

using boost::system::error_code;

/// Receives nlohmann's SAX events; false stops nlohmann's parser.
class tree_builder {
 public:
  tree_builder(const name_filter& keeps, std::size_t limit) : keeps_(keeps), left_(limit) {}

  /// What stopped the parser.
  error_code error() const { return error_; }
  value take() { return std::move(root_); }

  bool null() { return add({}); }
  bool boolean(bool is_true) { return add({.is_true = is_true, .type = kind::boolean}); }
  bool number_integer(std::int64_t number) { return add({.integer = number, .type = kind::number}); }
  bool number_unsigned(std::uint64_t number) {
    if (!std::in_range<std::int64_t>(number)) return add({.type = kind::number});
    return number_integer(static_cast<std::int64_t>(number));
  }
  bool number_float(double /*number*/, const std::string& /*text*/) { return add({.type = kind::number}); }
  // Copied, though nlohmann lets it be moved: its buffer is as large as the longest text so far.
  bool string(const std::string& text) { return is_skipped() || store({.text = text, .type = kind::text}); }
  bool binary(const nlohmann::json::binary_t& /*bytes*/) { return fail(errc::json_invalid); }
  bool start_object(std::size_t /*size*/) { return open(kind::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t /*size*/) { return open(kind::array); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const std::exception& /*what*/) {
    return fail(errc::json_invalid);
  }

  bool key(const std::string& name) {
    if (skipped_depth_ > 0) return true;
    skips_next_ = !keeps_(name);
    if (!skips_next_) open_.back()->keys.push_back(name);
    return true;
  }

 private:
  using kind = value::kind;

  /// Call once for each value.
  bool is_skipped() { return skipped_depth_ > 0 || std::exchange(skips_next_, false); }

  bool add(value next) { return is_skipped() || store(std::move(next)); }

  /// The value's place is in its parent, which does not grow before the value is complete.
  bool store(value next) {
    if (left_ == 0) return fail(errc::json_too_large);
    --left_;
    last_ = open_.empty() ? &root_ : &open_.back()->elements.emplace_back();
    *last_ = std::move(next);
    return true;
  }

  bool open(kind type) {
    if (open_.size() + skipped_depth_ == max_depth) return fail(errc::json_too_deep);
    if (is_skipped()) {
      ++skipped_depth_;
      return true;
    }
    if (!store({.type = type})) return false;
    open_.push_back(last_);
    return true;
  }

  bool close() {
    if (skipped_depth_ > 0) {
      --skipped_depth_;
    } else {
      open_.pop_back();
    }
    return true;
  }

  bool fail(errc why) {
    error_ = why;
    return false;
  }

  const name_filter& keeps_;
  std::size_t left_;  ///< how many more values are kept
  value root_;
  value* last_ = nullptr;
  std::vector<value*> open_;
  std::size_t skipped_depth_ = 0;  ///< objects and arrays that are open and not kept
  bool skips_next_ = false;        ///< the next value is that of a name that is not kept
  error_code error_;
};

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

const value& value::operator[](std::string_view name) const noexcept {
  static const value nothing;
  for (auto i = keys.size(); i > 0; --i) {
    if (keys[i - 1] == name) return elements[i - 1];
  }
  return nothing;
}

name_filter only(std::vector<std::string_view> names) {
  return [names = std::move(names)](std::string_view name) { return contains(names, name); };
}

name_filter all_but(std::vector<std::string_view> names) {
  return [names = std::move(names)](std::string_view name) { return !contains(names, name); };
}

result<value> read_tree(std::string_view text, const name_filter& keeps, std::size_t limit) {
  // nlohmann takes a NUL between tokens for the end of the input; RFC 8259 allows none anywhere.
  if (text.find('\0') != text.npos) return errc::json_invalid;
  tree_builder builder(keeps, limit);
  if (!nlohmann::json::sax_parse(text, &builder)) return builder.error();
  return builder.take();
}

}  // namespace sidecar::json
