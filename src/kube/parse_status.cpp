#include "sidecar/kube/parse_status.hpp"

#include <cstddef>

#include "sidecar/base/json.hpp"

namespace sidecar::kube {
namespace {

using boost::system::error_code;

class status_events final : public json::events {
 public:
  api_status status;
  std::string kind;

 private:
  error_code null() override { return {}; }
  error_code boolean(bool) override { return {}; }
  error_code number() override { return {}; }
  error_code start_array() override { return enter(); }
  error_code end_array() override { return leave(); }
  error_code start_object() override { return enter(); }
  error_code end_object() override { return leave(); }

  error_code key(std::string_view name) override {
    if (depth_ == 1) outer_.assign(name);
    if (depth_ == 2) inner_.assign(name);
    return {};
  }

  error_code string(std::string_view value) override {
    if (auto* field = wanted()) field->assign(value);
    return {};
  }

  std::string* wanted() {
    if (depth_ == 1 && outer_ == "kind") return &kind;
    if (depth_ == 1 && outer_ == "reason") return &status.reason;
    if (depth_ == 1 && outer_ == "message") return &status.message;
    if (depth_ == 2 && outer_ == "details" && inner_ == "name") return &status.details_name;
    if (depth_ == 2 && outer_ == "details" && inner_ == "kind") return &status.details_kind;
    return nullptr;
  }

  error_code enter() {
    ++depth_;
    if (depth_ == 2) inner_.clear();
    return {};
  }
  error_code leave() {
    --depth_;
    return {};
  }

  std::string outer_;
  std::string inner_;
  std::size_t depth_ = 0;
};

}  // namespace

std::optional<api_status> parse_status(std::string_view json) {
  status_events events;
  if (!json::read(json, events) || events.kind != "Status") return std::nullopt;
  return events.status;
}

}  // namespace sidecar::kube
