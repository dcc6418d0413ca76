#include "sidecar/base/json_fields.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace sidecar::json {
namespace {

using boost::system::error_code;

class member_filter final : public events {
 public:
  member_filter(std::string_view name, events& handler) : name_(name), handler_(handler) {}

  error_code null() override { return is_inside() ? handler_.null() : error_code(); }
  error_code boolean(bool value) override { return is_inside() ? handler_.boolean(value) : error_code(); }
  error_code number() override { return is_inside() ? handler_.number() : error_code(); }
  error_code integer(std::int64_t value) override { return is_inside() ? handler_.integer(value) : error_code(); }
  error_code string(std::string_view value) override { return is_inside() ? handler_.string(value) : error_code(); }
  error_code start_object() override { return open(&events::start_object); }
  error_code end_object() override { return close(&events::end_object); }
  error_code start_array() override { return open(&events::start_array); }
  error_code end_array() override { return close(&events::end_array); }

  error_code key(std::string_view name) override {
    if (depth_ > 1) return is_inside() ? handler_.key(name) : error_code();
    wanted_ = name == name_;
    if (!wanted_) return {};
    return std::exchange(seen_, true) ? make_error_code(errc::json_duplicate_key) : error_code();
  }

 private:
  /// The event belongs to the member's value.
  bool is_inside() const noexcept { return depth_ > 0 && wanted_; }

  error_code open(error_code (events::*event)()) {
    const bool passes = is_inside();
    ++depth_;
    return passes ? (handler_.*event)() : error_code();
  }

  error_code close(error_code (events::*event)()) {
    --depth_;
    return is_inside() ? (handler_.*event)() : error_code();
  }

  std::string_view name_;
  events& handler_;
  std::size_t depth_ = 0;  ///< objects and arrays that are open
  bool wanted_ = false;    ///< the outermost object's current member is `name_`
  bool seen_ = false;
};

enum class duplicate_keys { last_counts, refused };

class text_collector final : public events {
 public:
  text_collector(std::initializer_list<path> paths, duplicate_keys rule) : rule_(rule) {
    for (const path keys : paths) fields_.push_back({keys});
  }

  std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (auto& one : fields_) texts.push_back(std::move(one.text));
    return texts;
  }

 private:
  struct field {
    path keys;
    std::size_t matched = 0;  ///< how many keys, from the first, lead to the current value
    std::size_t seen = 0;     ///< the maximum of `matched` so far
    std::string text{};
  };

  error_code null() override { return {}; }
  error_code boolean(bool /*value*/) override { return {}; }
  error_code number() override { return {}; }
  error_code start_object() override { return enter(); }
  error_code end_object() override { return leave(); }
  error_code start_array() override { return enter(); }
  error_code end_array() override { return leave(); }

  error_code key(std::string_view name) override {
    for (auto& one : fields_) {
      const auto parent = depth_ - 1;
      if (one.matched < parent || one.keys.size() < depth_) continue;
      one.matched = one.keys.begin()[parent] == name ? depth_ : parent;
      if (one.matched != depth_) continue;
      if (one.seen >= depth_ && rule_ == duplicate_keys::refused) return errc::json_duplicate_key;
      one.seen = depth_;
    }
    return {};
  }

  // An array counts in `depth_` and has no key, so nothing inside an array matches.
  error_code string(std::string_view value) override {
    for (auto& one : fields_)
      if (one.matched == depth_ && one.keys.size() == depth_) one.text = value;
    return {};
  }

  error_code enter() {
    ++depth_;
    return {};
  }
  error_code leave() {
    --depth_;
    return {};
  }

  duplicate_keys rule_;
  std::vector<field> fields_;
  std::size_t depth_ = 0;  ///< objects and arrays that are open
};

result<std::vector<std::string>> collect(std::string_view text, text_collector collector) {
  if (const auto done = parse(text, collector); !done) return done.error();
  return collector.take();
}

}  // namespace

result<void> read_member(std::string_view text, std::string_view name, events& handler) {
  member_filter filter(name, handler);
  return parse(text, filter);
}

result<std::vector<std::string>> read_texts(std::string_view text, std::initializer_list<path> paths) {
  return collect(text, {paths, duplicate_keys::last_counts});
}

result<std::vector<std::string>> read_unique_texts(std::string_view text, std::initializer_list<path> paths) {
  return collect(text, {paths, duplicate_keys::refused});
}

}  // namespace sidecar::json
