#include "sidecar/watch/known_object.hpp"

namespace sidecar::watch {
namespace {

/// What was deleted is absent at every later version too.
template <class State>
kube::version_order compare(const State& arrived, const State& known) {
  const auto found = kube::compare_states(arrived, known);
  const bool is_as_known = found == kube::version_order::older && kube::is_same_state(arrived, known);
  return is_as_known ? kube::version_order::same : found;
}

}  // namespace

template <class Snapshot>
kube::version_order known_object<Snapshot>::list(const Snapshot& listed) {
  if (!known_) known_ = listed;
  has_caught_up_ = false;
  const auto found = take(listed);
  if (found == order::unknown) other_ = listed.state;
  return found;
}

template <class Snapshot>
kube::version_order known_object<Snapshot>::list_again(const Snapshot& listed, order first) {
  const bool has_caught_up = has_caught_up_;
  if (list(listed) == order::unknown) return order::unknown;
  return first == order::newer && has_caught_up ? order::same : first;
}

template <class Snapshot>
kube::version_order known_object<Snapshot>::take(const Snapshot& listed) {
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

template <class Snapshot>
kube::version_order known_object<Snapshot>::deliver(const state& arrived, time_point now) {
  const auto found = compare(arrived, known_->state);
  if (found == order::unknown) {
    unordered_ = now;
    other_ = arrived;
  }
  if (found == order::same || found == order::newer) has_caught_up_ = true;
  if (found != order::newer) return found;
  known_->state = arrived;
  changed_ = now;
  return found;
}

template class known_object<health::snapshot>;
template class known_object<health::node_snapshot>;

}  // namespace sidecar::watch
