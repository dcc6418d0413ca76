#include "sidecar/base/json_member.hpp"

#include <cstddef>

namespace sidecar::json {
namespace {

using boost::system::error_code;

class member_reader final : public events {
 public:
  member_reader(std::string_view name, events& handler) : name_(name), handler_(handler) {}

  error_code null() override { return is_inside() ? handler_.null() : error_code(); }
  error_code boolean(bool value) override { return is_inside() ? handler_.boolean(value) : error_code(); }
  error_code number() override { return is_inside() ? handler_.number() : error_code(); }
  error_code string(std::string_view value) override { return is_inside() ? handler_.string(value) : error_code(); }
  error_code start_object() override { return open(&events::start_object); }
  error_code end_object() override { return close(&events::end_object); }
  error_code start_array() override { return open(&events::start_array); }
  error_code end_array() override { return close(&events::end_array); }

  error_code key(std::string_view name) override {
    if (depth_ > 1) return is_inside() ? handler_.key(name) : error_code();
    wanted_ = name == name_;
    if (!wanted_) return {};
    if (seen_) return errc::json_repeated_key;
    seen_ = true;
    return {};
  }

 private:
  /// The event about to be passed on belongs to the member's value.
  bool is_inside() const noexcept { return depth_ > 0 && wanted_; }

  error_code open(error_code (events::*event)()) {
    const bool passed_on = is_inside();
    ++depth_;
    return passed_on ? (handler_.*event)() : error_code();
  }

  error_code close(error_code (events::*event)()) {
    --depth_;
    return is_inside() ? (handler_.*event)() : error_code();
  }

  std::string_view name_;
  events& handler_;
  std::size_t depth_ = 0;  // objects and lists that are open
  bool wanted_ = false;    // the outermost object's member under way is the one
  bool seen_ = false;
};

}  // namespace

result<void> read_member(std::string_view text, std::string_view name, events& handler) {
  member_reader reader(name, handler);
  return read(text, reader);
}

}  // namespace sidecar::json
