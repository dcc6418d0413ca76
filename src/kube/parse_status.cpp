#include "sidecar/kube/parse_status.hpp"

#include <utility>

#include "sidecar/base/json_fields.hpp"

namespace sidecar::kube {

std::optional<api_status> parse_status(std::string_view json) {
  auto texts = json::read_texts(json, {{"kind"}, {"reason"}, {"message"}, {"details", "name"}, {"details", "kind"}});
  if (!texts || texts->at(0) != "Status") return std::nullopt;
  return api_status{.reason = std::move(texts->at(1)),
                    .message = std::move(texts->at(2)),
                    .details_name = std::move(texts->at(3)),
                    .details_kind = std::move(texts->at(4))};
}

}  // namespace sidecar::kube
