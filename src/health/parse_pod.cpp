#include "sidecar/health/parse_pod.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sidecar/base/json.hpp"
#include "sidecar/base/json_fields.hpp"
#include "sidecar/health/pod_reader.hpp"

namespace sidecar::health {
namespace {

using boost::system::error_code;

/// Reads each element of an array as a pod.
class items_reader final : public json::events {
 public:
  items_reader(std::size_t max_items, labels_read labels) : max_items_(max_items), labels_(labels) {}

  error_code null() override { return depth_ > 1 ? reader_->null() : make_error_code(errc::json_wrong_type); }
  error_code boolean(bool is_true) override {
    return depth_ > 1 ? reader_->boolean(is_true) : make_error_code(errc::json_wrong_type);
  }
  error_code number() override { return depth_ > 1 ? reader_->number() : make_error_code(errc::json_wrong_type); }
  error_code integer(std::int64_t number) override {
    return depth_ > 1 ? reader_->integer(number) : make_error_code(errc::json_wrong_type);
  }
  error_code string(std::string_view content) override {
    return depth_ > 1 ? reader_->string(content) : make_error_code(errc::json_wrong_type);
  }
  error_code key(std::string_view name) override { return reader_->key(name); }

  error_code start_object() override {
    if (depth_ == 0) return errc::json_wrong_type;
    if (depth_++ == 1) {
      if (pods_.size() == max_items_) return errc::list_too_long;
      reader_.emplace(labels_, kind_rule::optional);
    }
    return reader_->start_object();
  }

  error_code end_object() override {
    if (const auto failed = reader_->end_object()) return failed;
    if (--depth_ > 1) return {};
    auto one = reader_->take();
    if (!one) return one.error();
    pods_.push_back(std::move(*one));
    return {};
  }

  error_code start_array() override {
    if (depth_ == 1) return errc::json_wrong_type;
    is_array_ = true;
    return depth_++ == 0 ? error_code() : reader_->start_array();
  }

  error_code end_array() override { return --depth_ == 0 ? error_code() : reader_->end_array(); }

  result<std::vector<pod>> take() {
    if (!is_array_) return errc::json_wrong_type;
    return std::move(pods_);
  }

 private:
  std::size_t max_items_;
  labels_read labels_;
  std::size_t depth_ = 0;  ///< objects and arrays that are open: 1 is the array of items
  bool is_array_ = false;
  std::optional<pod_reader> reader_;
  std::vector<pod> pods_;
};

}  // namespace

result<pod> parse_pod(std::string_view json, labels_read labels) {
  pod_reader reader(labels);
  if (const auto outcome = json::parse(json, reader); !outcome) return outcome.error();
  return reader.take();
}

result<pod> parse_pod_item(std::string_view json, labels_read labels) {
  pod_reader reader(labels, kind_rule::optional);
  if (const auto outcome = json::parse(json, reader); !outcome) return outcome.error();
  return reader.take();
}

result<pod> parse_pod_member(std::string_view json, std::string_view name, labels_read labels) {
  pod_reader reader(labels);
  if (const auto outcome = json::read_member(json, name, reader); !outcome) return outcome.error();
  return reader.take();
}

result<std::vector<pod>> parse_pod_items(std::string_view json, std::string_view name, std::size_t max_items,
                                         labels_read labels) {
  items_reader reader(max_items, labels);
  if (const auto outcome = json::read_member(json, name, reader); !outcome) return outcome.error();
  return reader.take();
}

}  // namespace sidecar::health
