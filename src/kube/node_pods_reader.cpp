#include "sidecar/kube/node_pods_reader.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sidecar/config/config.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/stray_pod.hpp"

namespace sidecar::kube {
namespace {

std::string name_of_kept(const health::workload_pod& one) { return to_string({one.namespace_name, one.name}); }

}  // namespace

std::optional<failure> excess_of_kept(const health::workload_pod& one, std::size_t limit) {
  const auto size = health::kept_bytes(one);
  if (size <= limit) return std::nullopt;
  return protocol_failure("the pod " + name_of_kept(one) + " with its " + std::to_string(one.containers.size()) +
                          " containers takes " + std::to_string(size) + " bytes of memory, and a pod may take " +
                          std::to_string(limit));
}

std::optional<failure> node_pods_reader::read(std::string_view bytes) {
  const auto allowed = bytes.substr(0, limits_.body - bytes_);
  bytes_ += allowed.size();
  if (auto refused = read_items(allowed)) return refused;
  if (allowed.size() == bytes.size()) return std::nullopt;
  return protocol_failure("the list of the node's pods has more than " + describe_size(limits_.body) +
                          ", which is all that is read, and " + std::to_string(items_) +
                          " pods in that: shorten their annotations, or clear their managedFields");
}

std::optional<failure> node_pods_reader::read_items(std::string_view bytes) {
  for (;;) {
    switch (splitter_.next(bytes)) {
      case element_splitter::step::need_more:
        return std::nullopt;
      case element_splitter::step::element:
        if (auto refused = add(splitter_.element())) return refused;
        break;
      case element_splitter::step::element_too_long:
        return excess_failure(current_item(), {.bytes = limits_.item, .limit = limits_.item});
      case element_splitter::step::envelope_too_long:
        return protocol_failure("the list of the node's pods has more than " + describe_size(limits_.envelope) +
                                " besides its items");
    }
  }
}

std::optional<failure> node_pods_reader::add(std::string_view item) {
  if (++items_ > limits_.pods) return std::nullopt;
  const auto pod = health::parse_pod_item(item, {maintenance_label_, config::workload_label});
  if (!pod) return protocol_failure(current_item() + " is no readable pod: " + pod.error().message());
  if (auto stray = stray_pod("listed", *pod, scope_)) return stray;
  if (pod->workload.empty()) return std::nullopt;
  auto judged = health::judge_workload_pod(*pod, require_);
  if (auto refused = excess_of_kept(judged, limits_.kept_pod)) return refused;
  pods_.push_back(std::move(judged));
  return std::nullopt;
}

std::string node_pods_reader::current_item() const {
  return pods_.empty() ? "an item of the list" : "the item after " + name_of_kept(pods_.back()) + " in the list";
}

outcome<std::string> node_pods_reader::end_page() {
  const auto envelope = json::read_tree(splitter_.envelope());
  auto head = read_list_head(envelope);
  if (!head) return head.error();
  auto& [version, next] = *head;
  if (!has_items_alone(*envelope)) {
    return protocol_failure("the response is no list of pods: `items` must be an array of objects, and the only array");
  }
  if (auto refused = check_page(*head)) return std::move(*refused);
  version_ = std::move(version);
  splitter_ = element_splitter({limits_.item, limits_.envelope});
  if (!next.empty()) return std::move(next);
  if (auto refused = check_pods()) return std::move(*refused);
  return std::string{};
}

std::optional<failure> node_pods_reader::check_page(const list_head& head) const {
  if (items_ > limits_.pods) {
    return protocol_failure("the node has " + std::string{head.next.empty() ? "" : "at least "} +
                            std::to_string(items_) + " pods with the label " + std::string{config::workload_label} +
                            ", and at most " + std::to_string(limits_.pods) + " are read");
  }
  if (!version_.empty() && head.version != version_) {
    return protocol_failure("a list of pods whose pages have the resourceVersions " + version_ + " and " +
                            head.version);
  }
  return std::nullopt;
}

/// A pod that is there twice would count twice.
std::optional<failure> node_pods_reader::check_pods() {
  const auto key = [](const health::workload_pod& one) { return std::tie(one.namespace_name, one.name); };
  std::ranges::sort(pods_, {}, key);
  const auto twice = std::ranges::adjacent_find(pods_, {}, key);
  if (twice == pods_.end()) return std::nullopt;
  return protocol_failure("a list of pods that has " + name_of_kept(*twice) + " twice");
}

}  // namespace sidecar::kube
