#include "sidecar/app/known_pod.hpp"

namespace sidecar::app {
namespace {

/// A deleted pod is absent at every later version too.
known_pod::order compare(const health::pod_state& arrived, const health::pod_state& known) {
  const auto found = kube::compare_states(arrived, known);
  const bool is_as_known = found == known_pod::order::older && kube::is_same_state(arrived, known);
  return is_as_known ? known_pod::order::same : found;
}

}  // namespace

known_pod::order known_pod::list(const health::snapshot& listed) {
  if (!known_) known_ = listed;
  const auto found = take(listed);
  if (found == order::unknown) other_ = listed.state;
  return found;
}

known_pod::order known_pod::take(const health::snapshot& listed) {
  if (unordered_ && *unordered_ >= listed.observed) return order::unknown;  // the next LIST starts after that event
  const bool began_after_all_events = !changed_ || *changed_ < listed.observed;
  const auto found = compare(listed.state, known_->state);
  if (began_after_all_events || found == order::newer) {
    const bool is_as_known = kube::is_same_state(known_->state, listed.state);
    known_ = listed;
    return is_as_known ? order::same : order::newer;
  }
  if (found != order::unknown) known_->observed = listed.observed;
  return found;
}

known_pod::order known_pod::deliver(const health::pod_state& state, time_point now) {
  const auto found = compare(state, known_->state);
  if (found == order::unknown) {
    unordered_ = now;
    other_ = state;
  }
  if (found != order::newer) return found;
  known_->state = state;
  changed_ = now;
  return found;
}

}  // namespace sidecar::app
