#include "sidecar/node/known_pods.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sidecar::node {
namespace {

using health::workload_pod;
using kube::compare_versions;
using kube::version_order;

auto place_of(const workload_pod& one) {
  return std::tuple<std::string_view, std::string_view, std::string_view>{one.namespace_name, one.workload, one.name};
}

template <class One, class Other>
bool is_same_pod(const One& one, const Other& other) {
  return one.name == other.name && one.namespace_name == other.namespace_name;
}

template <class Range, class One>
auto find_pod(Range& all, const One& wanted) {
  return std::ranges::find_if(all, [&](const auto& one) { return is_same_pod(one, wanted); });
}

bool is_at_least(version_order found) { return found == version_order::newer || found == version_order::same; }

bool is_healthy(const workload_pod& one) { return health::verdict_of(one.judged).state == health::state::healthy; }

/// Of two states that cannot be ordered.
void keep_less_healthy(workload_pod& known, const workload_pod& arrived, bool is_gone) {
  if (!is_gone && is_healthy(arrived)) return;
  known.judged = is_gone ? health::reason::no_pod_on_node : arrived.judged;
  known.containers.clear();
}

}  // namespace

known_pods::order known_pods::list(kube::node_pods listed) {
  if (unordered_ && *unordered_ >= listed.observed) return order::unknown;  // the next LIST starts after that event
  std::ranges::sort(listed.pods, {}, place_of);
  const bool began_after_all_events = !since_list_.last_arrived || *since_list_.last_arrived < listed.observed;
  if (!confirmed_ || began_after_all_events || covers_all_events(listed)) return replace(std::move(listed));
  // Versions that start again from a smaller number, after a restore of etcd from a backup, cannot be ordered against
  // events.
  const bool is_between = compare_versions(listed.version, since_list_.newest) == order::older &&
                          is_at_least(compare_versions(listed.version, version_));
  if (!is_between) return order::unknown;
  const bool knows_deletions = since_list_.deleted.size() < health::max_workload_pods;
  return knows_deletions ? merge_older(std::move(listed)) : order::unknown;
}

bool known_pods::covers_all_events(const kube::node_pods& listed) const {
  return is_at_least(compare_versions(listed.version, since_list_.newest));
}

known_pods::order known_pods::replace(kube::node_pods listed) {
  const bool is_first = !confirmed_;
  awaited_.clear();
  for (const auto& one : listed.pods) {
    const auto known = find_pod(pods_, one);
    if (known == pods_.end() || known->version != one.version) {
      awaited_.push_back({one.namespace_name, one.name, one.version});
    }
  }
  for (const auto& one : pods_) {
    if (find_pod(listed.pods, one) == listed.pods.end()) awaited_.push_back({one.namespace_name, one.name, {}});
  }
  if (is_first) awaited_.clear();  // its watch begins with what comes after it
  pods_ = std::move(listed.pods);
  version_ = std::move(listed.version);
  confirmed_ = listed.observed;
  since_list_ = {};
  return awaited_.empty() ? order::same : order::newer;
}

/// The events since are newer than this LIST; it confirms the rest, and brings what the watch has missed before them.
known_pods::order known_pods::merge_older(kube::node_pods listed) {
  awaited_.clear();
  const auto is_missed = [&](const workload_pod& one) {
    const bool is_later_event = compare_versions(one.version, listed.version) == order::newer;
    return !is_later_event && find_pod(listed.pods, one) == listed.pods.end();
  };
  for (const auto& one : pods_) {
    if (is_missed(one)) awaited_.push_back({one.namespace_name, one.name, {}});
  }
  std::erase_if(pods_, is_missed);
  for (auto& one : listed.pods) {
    const auto known = find_pod(pods_, one);
    if (known == pods_.end() ? was_deleted_since(one) : compare_versions(one.version, known->version) != order::newer) {
      continue;
    }
    awaited_.push_back({one.namespace_name, one.name, one.version});
    if (known != pods_.end()) pods_.erase(known);
    insert(std::move(one));
  }
  version_ = std::move(listed.version);
  confirmed_ = listed.observed;
  std::erase_if(since_list_.deleted,
                [&](const change& one) { return compare_versions(one.version, version_) != order::newer; });
  return awaited_.empty() ? order::same : order::newer;
}

bool known_pods::was_deleted_since(const workload_pod& listed) const {
  return std::ranges::any_of(since_list_.deleted, [&](const change& one) {
    return is_same_pod(one, listed) && compare_versions(one.version, listed.version) == order::newer;
  });
}

std::optional<known_pods::delivery> known_pods::deliver(workload_pod arrived, bool is_gone, time_point now) {
  const auto at = find_pod(pods_, arrived);
  auto* known = at == pods_.end() ? nullptr : &*at;
  const auto found = order_of(arrived, is_gone, known);
  // A DELETED event may carry the version of the pod's last state. A LIST that has that version may be from before the
  // deletion, so LISTs that started before now are ignored.
  const bool deletes_known_version = found == order::newer && known != nullptr && arrived.version == known->version;
  if (found == order::unknown || deletes_known_version) unordered_ = now;
  note_delivery(arrived, is_gone);
  if (found == order::unknown && known != nullptr) keep_less_healthy(*known, arrived, is_gone);
  if (found == order::newer) {
    const bool is_one_more = !is_gone && known == nullptr;
    if (is_one_more && pods_.size() >= health::max_workload_pods) return std::nullopt;
    if (known != nullptr) pods_.erase(at);
    apply(std::move(arrived), is_gone, now);
  }
  return delivery{found, awaited_.empty()};
}

known_pods::order known_pods::order_of(const workload_pod& arrived, bool is_gone, const workload_pod* known) const {
  if (known != nullptr) {
    const auto found = compare_versions(arrived.version, known->version);
    return is_gone && found == order::same ? order::newer : found;
  }
  // The pod is absent from the last LIST: an event with an older version is out of date. So is an event from before the
  // pod's deletion.
  const auto found = compare_versions(arrived.version, version_);
  if (found == order::unknown) return order::unknown;
  if (is_gone) return order::same;
  return found == order::newer && was_deleted_since(arrived) ? order::older : found;
}

void known_pods::apply(workload_pod arrived, bool is_gone, time_point now) {
  since_list_.newest = arrived.version;
  since_list_.last_arrived = now;
  if (!is_gone) {
    insert(std::move(arrived));
  } else if (since_list_.deleted.size() < health::max_workload_pods) {
    since_list_.deleted.push_back({arrived.namespace_name, arrived.name, arrived.version});
  }
}

void known_pods::note_delivery(const workload_pod& arrived, bool is_gone) {
  std::erase_if(awaited_, [&](const change& one) {
    if (!is_same_pod(one, arrived)) return false;
    return one.version.empty() ? is_gone : is_at_least(compare_versions(arrived.version, one.version));
  });
}

void known_pods::insert(workload_pod one) {
  const auto at = std::ranges::lower_bound(pods_, place_of(one), {}, place_of);
  pods_.insert(at, std::move(one));
}

std::span<const workload_pod> known_pods::workload(std::string_view namespace_name,
                                                   std::string_view name) const noexcept {
  const auto is_before = [&](const workload_pod& one) {
    const auto compared = one.namespace_name.compare(namespace_name);
    return compared < 0 || (compared == 0 && one.workload < name);
  };
  const std::span from{std::ranges::partition_point(pods_, is_before), pods_.end()};
  const bool is_there = !from.empty() && from.front().workload == name && from.front().namespace_name == namespace_name;
  return is_there ? health::first_workload(from) : std::span<const workload_pod>{};
}

}  // namespace sidecar::node
