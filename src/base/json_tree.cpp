#include "sidecar/base/json_tree.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/base/json.hpp"

namespace sidecar::json {
namespace {

using boost::system::error_code;

class tree_builder final : public events {
 public:
  tree_builder(std::initializer_list<std::string_view> skipped, std::size_t max_values)
      : skipped_(skipped), left_(max_values) {}

  error_code null() override { return add({}); }
  error_code boolean(bool is_true) override { return add({.is_true = is_true, .type = kind::boolean}); }
  error_code number() override { return add({.type = kind::number}); }
  error_code integer(std::int64_t number) override { return add({.integer = number, .type = kind::number}); }
  error_code string(std::string_view content) override {
    return add({.text = std::string{content}, .type = kind::text});
  }
  error_code start_object() override { return open(kind::object); }
  error_code end_object() override { return close(); }
  error_code start_array() override { return open(kind::array); }
  error_code end_array() override { return close(); }

  error_code key(std::string_view name) override {
    if (depth_skipped_ > 0) return {};
    skips_next_ = std::ranges::find(skipped_, name) != skipped_.end();
    if (!skips_next_) open_.back()->keys.emplace_back(name);
    return {};
  }

  value take() { return std::move(root_); }

 private:
  using kind = value::kind;

  /// The value's place in its parent, which does not grow before the value is complete.
  error_code add(value next) {
    if (depth_skipped_ > 0 || std::exchange(skips_next_, false)) return {};
    if (left_ == 0) return errc::json_too_large;
    --left_;
    last_ = open_.empty() ? &root_ : &open_.back()->elements.emplace_back();
    *last_ = std::move(next);
    return {};
  }

  error_code open(kind type) {
    if (depth_skipped_ > 0 || skips_next_) {
      skips_next_ = false;
      ++depth_skipped_;
      return {};
    }
    if (const auto failed = add({.type = type})) return failed;
    open_.push_back(last_);
    return {};
  }

  error_code close() {
    if (depth_skipped_ > 0) {
      --depth_skipped_;
    } else {
      open_.pop_back();
    }
    return {};
  }

  std::initializer_list<std::string_view> skipped_;
  std::size_t left_;
  value root_;
  value* last_ = nullptr;
  std::vector<value*> open_;
  std::size_t depth_skipped_ = 0;  ///< objects and arrays that are open and left out
  bool skips_next_ = false;        ///< the next value belongs to a skipped name
};

}  // namespace

const value& value::operator[](std::string_view name) const noexcept {
  static const value nothing;
  const auto found = std::ranges::find(keys, name);
  return found == keys.end() ? nothing : elements[static_cast<std::size_t>(found - keys.begin())];
}

result<value> read_tree(std::string_view text, std::initializer_list<std::string_view> skipped,
                        std::size_t max_values) {
  tree_builder builder(skipped, max_values);
  if (const auto done = parse(text, builder); !done) return done.error();
  return builder.take();
}

}  // namespace sidecar::json
