#include "sidecar/kube/cache_behind.hpp"

#include <cstddef>

#include "sidecar/base/json_fields.hpp"
#include "sidecar/kube/error_text.hpp"

namespace sidecar::kube {
namespace {

using boost::system::error_code;

/// Looks through a Status' details for a cause: {"causes":[{"reason":"ResourceVersionTooLarge"}]}.
class cause_search final : public json::events {
 public:
  error_code null() override { return {}; }
  error_code boolean(bool /*value*/) override { return {}; }
  error_code number() override { return {}; }
  error_code key(std::string_view name) override {
    if (depth_ == 1) in_causes_ = name == "causes";
    is_reason_ = depth_ == 3 && in_causes_ && name == "reason";
    return {};
  }
  error_code string(std::string_view value) override {
    if (depth_ == 3 && is_reason_ && value == "ResourceVersionTooLarge") found_ = true;
    return {};
  }
  error_code start_object() override { return open(); }
  error_code end_object() override { return close(); }
  error_code start_array() override { return open(); }
  error_code end_array() override { return close(); }

  bool has_found() const noexcept { return found_; }

 private:
  error_code open() {
    ++depth_;
    is_reason_ = false;
    return {};
  }
  error_code close() {
    --depth_;
    return {};
  }

  std::size_t depth_ = 0;  ///< objects and arrays that are open: the details, the causes, a cause
  bool in_causes_ = false;
  bool is_reason_ = false;  ///< the current member of a cause
  bool found_ = false;
};

}  // namespace

bool is_cache_behind(const api_response& response) {
  if (response.status != 504 || !response.is_whole() || !parse_status(response.body)) return false;
  cause_search search;
  return json::read_member(response.body, "details", search) && search.has_found();
}

}  // namespace sidecar::kube
