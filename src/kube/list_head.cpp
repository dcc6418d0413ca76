#include "sidecar/kube/list_head.hpp"

#include <cstddef>
#include <utility>

#include "sidecar/base/json_fields.hpp"
#include "sidecar/kube/resource_version.hpp"

namespace sidecar::kube {
namespace {

using boost::system::error_code;

/// Follows the two outer levels of the document.
class shape_check final : public json::events {
 public:
  error_code null() override { return plain(); }
  error_code boolean(bool /*value*/) override { return plain(); }
  error_code number() override { return plain(); }
  error_code string(std::string_view /*value*/) override { return plain(); }

  error_code key(std::string_view name) override {
    if (depth_ != 1) return {};
    in_items_ = name == "items";
    if (in_items_ && std::exchange(has_items_, true)) return errc::json_duplicate_key;
    return {};
  }
  error_code start_object() override {
    const bool is_items = depth_ == 1 && in_items_;
    ++depth_;
    return is_items ? make_error_code(errc::json_wrong_type) : error_code();
  }
  error_code end_object() override {
    --depth_;
    return {};
  }
  error_code start_array() override {
    const bool is_fine = depth_ > 2 || (depth_ == 1 && in_items_) || (depth_ == 2 && !in_items_);
    ++depth_;
    return is_fine ? error_code() : make_error_code(errc::json_wrong_type);
  }
  error_code end_array() override {
    --depth_;
    return {};
  }

  bool has_items() const noexcept { return has_items_; }

 private:
  /// Neither an object nor an array: that is neither `items` nor one of them.
  error_code plain() const { return in_items_ && depth_ <= 2 ? make_error_code(errc::json_wrong_type) : error_code(); }

  std::size_t depth_ = 0;  ///< objects and arrays that are open
  bool in_items_ = false;  ///< the outermost object's current member is `items`
  bool has_items_ = false;
};

}  // namespace

outcome<list_head> read_list_head(std::string_view json, listed_kind wanted) {
  const bool is_of_pods = wanted == listed_kind::pods;
  const std::string what = is_of_pods ? "list of pods" : "list of nodes";
  auto texts = json::read_unique_texts(
      json, {{"kind"}, {"apiVersion"}, {"metadata", "resourceVersion"}, {"metadata", "continue"}});
  if (!texts) return protocol_failure("the response is no " + what + ": " + texts.error().message());
  if (texts->at(0) != (is_of_pods ? "PodList" : "NodeList") || texts->at(1) != "v1") {
    return protocol_failure("the response is no " + what);
  }
  if (!is_resource_version(texts->at(2))) return protocol_failure("a " + what + " without a resourceVersion");
  return list_head{std::move(texts->at(2)), std::move(texts->at(3))};
}

bool has_items_alone(std::string_view json) {
  shape_check check;
  return json::parse(json, check) && check.has_items();
}

}  // namespace sidecar::kube
