#include "sidecar/kube/watch_ledger.hpp"

#include <utility>
#include <variant>

namespace sidecar::kube {

watch_ledger::state watch_ledger::state_of(const health::pod_truth& truth) {
  return {std::holds_alternative<health::pod>(truth), std::string{version_of(truth)}};
}

void watch_ledger::begin(const health::pod_truth& truth) {
  begin();
  known_ = true;
  shown_ = state_of(truth);
  is_dated_ = !shown_.version.empty();
  if (shown_.is_present && is_resource_version(shown_.version)) resume_from_ = shown_.version;
  untold_ = resume_from_.empty();
}

bool watch_ledger::knows(const health::pod_truth& truth) const {
  const auto found = state_of(truth);
  return known_ && !is_behind() && found.is_present && !found.version.empty() && found == shown_;
}

void watch_ledger::begin_anew() {
  awaited_.reset();
  last_told_.reset();
  resume_from_.clear();
  began_as_known_ = false;
  untold_ = true;
}

void watch_ledger::begin() {
  begin_anew();
  shown_ = {};
  known_ = false;
  is_dated_ = true;
}

version_order watch_ledger::compare(const state& told) const {
  const auto order = compare_versions(told.version, shown_.version);
  if (order == version_order::older) return order;
  if (!is_dated_) return order == version_order::same ? version_order::older : version_order::unknown;
  // One version cannot be both a pod and its absence.
  const bool contradicts = order == version_order::same && told.is_present != shown_.is_present;
  return contradicts ? version_order::unknown : order;
}

watch_ledger::effect watch_ledger::note(const watch_event& event) {
  const auto order_to_start = compare_versions(event.resource_version, resume_from_);
  if (is_resource_version(event.resource_version) && order_to_start != version_order::older) {
    resume_from_ = event.resource_version;
  }
  if (event.what == watch_event::type::bookmark) return effect::none;
  const state told{event.what != watch_event::type::deleted, event.resource_version};
  last_told_ = told;
  const bool is_first = std::exchange(untold_, false);
  const auto order = known_ ? compare(told) : version_order::newer;
  if (!told.is_present && known_ && !shown_.is_present && order != version_order::older) {
    awaited_.reset();
    shown_ = told;
    is_dated_ = !told.version.empty();
    return effect::none;
  }
  switch (order) {
    case version_order::older:
      return effect::none;
    case version_order::same:
      awaited_.reset();
      began_as_known_ = is_first || began_as_known_;
      return effect::none;
    case version_order::newer:
      break;
    case version_order::unknown:
      return effect::unverified;
  }
  awaited_.reset();
  shown_ = told;
  is_dated_ = true;
  known_ = true;
  return effect::replaces;
}

bool watch_ledger::note_check(const health::pod_truth& truth) {
  auto found = state_of(truth);
  const bool is_as_known =
      known_ && found.is_present == shown_.is_present && (!found.is_present || found.version == shown_.version);
  if (is_as_known && !is_behind()) return true;
  is_dated_ = found.is_present || !found.version.empty();
  if (!is_dated_) found.version = known_ ? shown_.version : std::string{};
  known_ = true;
  shown_ = found;
  const bool is_told = last_told_ && last_told_->is_present == found.is_present &&
                       (!found.is_present || last_told_->version == found.version);
  awaited_.reset();
  if (!is_told) awaited_ = std::move(found);
  return is_told;
}

}  // namespace sidecar::kube
