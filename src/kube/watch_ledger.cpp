#include "sidecar/kube/watch_ledger.hpp"

#include <utility>
#include <variant>

#include "sidecar/kube/request.hpp"

namespace sidecar::kube {

watch_ledger::version watch_ledger::version_of(const health::pod_truth& truth) {
  const auto* pod = std::get_if<health::pod>(&truth);
  return pod == nullptr ? version{} : version{pod->resource_version};
}

bool watch_ledger::is_version(const version& one) noexcept { return one && !one->empty(); }

void watch_ledger::begin(const health::pod_truth& truth) {
  begin();
  known_ = true;
  shown_ = version_of(truth);
  if (shown_ && is_resource_version(*shown_)) resume_from_ = *shown_;
  untold_ = resume_from_.empty();
}

bool watch_ledger::knows(const health::pod_truth& truth) const {
  const auto found = version_of(truth);
  return known_ && !is_behind() && found == shown_ && is_version(found);
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
  shown_.reset();
  known_ = false;
}

watch_ledger::effect watch_ledger::note(const watch_event& event) {
  const bool goes_on = is_resource_version(event.resource_version) && event.resource_version != resume_from_;
  if (is_resource_version(event.resource_version)) resume_from_ = event.resource_version;
  if (event.what == watch_event::type::bookmark) return note_bookmark(goes_on);
  const auto told = event.what == watch_event::type::deleted ? version{} : version{event.resource_version};
  last_told_ = told;
  const bool is_first = std::exchange(untold_, false);
  if (is_behind() && told != *awaited_) return effect::none;
  if (is_first && known_ && !is_behind()) {
    if (told != shown_) {
      awaited_ = shown_;
      return effect::doubtful;
    }
    began_as_known_ = is_version(told);
    if (began_as_known_) return effect::none;
  }
  awaited_.reset();
  shown_ = told;
  known_ = true;
  return effect::replaces;
}

/// A bookmark does not say what has been told up to it, and it is not the GET's answer. Nor does it vouch for a pod
/// that a watch which begins with the pod as it is has not begun with: there may be none any more. One of the same
/// version as before says that the server has heard of nothing, be it that it cannot.
watch_ledger::effect watch_ledger::note_bookmark(bool goes_on) {
  if (known_ && !shown_) untold_ = false;
  return is_behind() || untold_ || !goes_on ? effect::none : effect::confirms;
}

bool watch_ledger::note_check(const health::pod_truth& truth) {
  auto found = version_of(truth);
  known_ = true;
  if (!is_behind() && found == shown_) return true;
  shown_ = found;
  if (last_told_ && *last_told_ == found) {
    awaited_.reset();
    return true;
  }
  awaited_ = std::move(found);
  return false;
}

}  // namespace sidecar::kube
