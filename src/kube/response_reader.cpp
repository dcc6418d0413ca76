#include "sidecar/kube/response_reader.hpp"

#include <utility>

#include "sidecar/kube/classify.hpp"

namespace sidecar::kube {

outcome<response_parser::progress> response_reader::feed(std::string_view bytes) {
  const auto progress = parser_.feed(bytes);
  if (!progress) return protocol_failure("bad response: " + progress.error().message());
  const auto& response = parser_.so_far();
  if (into_ != nullptr && response.status == 200 && !response.body.empty() && !is_compressed(response)) {
    if (auto refused = into_->read(parser_.drain())) return std::move(*refused);
  }
  return *progress;
}

}  // namespace sidecar::kube
