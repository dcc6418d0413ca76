#include "sidecar/kube/watch_ledger.hpp"

#include <variant>

#include "sidecar/kube/request.hpp"

namespace sidecar::kube {

watch_ledger::version watch_ledger::version_of(const health::pod_truth& truth) {
  const auto* pod = std::get_if<health::pod>(&truth);
  return pod == nullptr ? version{} : version{pod->resource_version};
}

void watch_ledger::begin(const health::pod_truth& truth) {
  shown_ = version_of(truth);
  awaited_.reset();
  resume_from_ = shown_ && is_resource_version(*shown_) ? *shown_ : std::string{};
  untold_ = shown_ && resume_from_.empty();
}

void watch_ledger::begin_anew(const health::pod_truth& truth) {
  begin(truth);
  resume_from_.clear();
  untold_ = shown_.has_value();
}

void watch_ledger::begin() {
  shown_.reset();
  awaited_.reset();
  resume_from_.clear();
  untold_ = true;
}

watch_ledger::effect watch_ledger::note(const watch_event& event) {
  if (is_resource_version(event.resource_version)) resume_from_ = event.resource_version;
  // A bookmark does not say what has been told up to it, and it is not the GET's answer. Nor does it vouch for a pod
  // that a watch which begins with the pod as it is has not begun with: there may be none any more.
  if (event.what == watch_event::type::bookmark) return is_behind() || untold_ ? effect::none : effect::confirms;
  untold_ = false;
  const auto told = event.what == watch_event::type::deleted ? version{} : version{event.resource_version};
  if (is_behind() && told != *awaited_) return effect::none;
  awaited_.reset();
  shown_ = told;
  return effect::replaces;
}

bool watch_ledger::note_check(const health::pod_truth& truth) {
  auto found = version_of(truth);
  if (!found) untold_ = false;
  if (!is_behind() && found == shown_) return true;
  shown_ = found;
  awaited_ = std::move(found);
  return false;
}

}  // namespace sidecar::kube
