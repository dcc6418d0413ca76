#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sidecar/kube/watch_event.hpp"

namespace sidecar::kube {

/// Keeps the books of a watch and of the GETs that check it: where a watch goes on, and whether it tells what the GETs
/// find. Versions are compared for equality alone, since they are opaque (Kubernetes API concepts, "Resource
/// versions"). Pure.
class watch_ledger {
 public:
  /// What an event means for the truth that is remembered.
  enum class effect : std::uint8_t {
    none,      ///< no newer than what a GET has already shown, or says nothing of it
    doubtful,  ///< a watch began with the pod as another server may have known it: only a GET knows which is newer
    confirms,  ///< it is as it was
    replaces,  ///< the event's pod, or that there is none, is the truth
  };

  /// A GET before a watch began: the watch goes on from there.
  void begin(const health::pod_truth& truth);
  /// That version is too old for the API server: a quiet pod's is, once the server has been started again, since it
  /// remembers changes from then on. The watch begins with the pod as it is, and what is known stays known.
  void begin_anew();
  /// No GET: the watch begins with the pod as it is.
  void begin();

  effect note(const watch_event& event);

  /// A GET that was sent after the last event; what it says is the truth from now on. False if the watch has not told
  /// it yet: it must within moments, or is not to be relied on.
  bool note_check(const health::pod_truth& truth);

  /// The watch has not told yet what a GET has shown.
  bool is_behind() const noexcept { return awaited_.has_value(); }

  /// The pod is of the version that was known already. Not where that has none, or the watch has yet to tell it.
  bool knows(const health::pod_truth& truth) const;

  /// The watch begins with the pod as it is, and there should be one: its first event will tell.
  bool awaits_first() const noexcept { return untold_ && known_ && shown_; }
  /// It began so, and with the version that was known. No version comes twice, so the pod has not changed between what
  /// was known and what the watch begins with, whichever is older, and the watch tells of all that comes after.
  bool began_as_known() const noexcept { return began_as_known_; }

  /// Where another watch goes on; empty: with the pod as it is.
  const std::string& resume_from() const noexcept { return resume_from_; }

 private:
  using version = std::optional<std::string>;  // nothing: there is no pod

  static version version_of(const health::pod_truth& truth);
  static bool is_version(const version& one) noexcept;
  effect note_bookmark(bool goes_on);

  version shown_;                     // of the truth
  bool known_ = false;                // there is one
  std::optional<version> last_told_;  // by this watch
  std::optional<version> awaited_;
  std::string resume_from_;
  bool began_as_known_ = false;
  bool untold_ = true;  // the watch begins with the pod as it is, and has not yet
};

}  // namespace sidecar::kube
