#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sidecar/kube/resource_version.hpp"
#include "sidecar/kube/watch_event.hpp"

namespace sidecar::kube {

/// Keeps the books of a watch and of the GETs that check it: where a watch goes on, whether it delivers what the GETs
/// find, and which of two versions of the pod is newer: by their resourceVersions, never by which arrived first, since
/// an event is as late as the path it came on. Pure.
class watch_ledger {
 public:
  /// What an event means for the snapshot that is known.
  enum class effect : std::uint8_t {
    none,        ///< it is no newer, or says nothing of the pod
    unverified,  ///< which is newer cannot be told from the versions: only another GET can
    replaces,    ///< the event's pod, or that there is none, is the newest that is known
  };

  /// A GET before a watch began: the watch goes on from there.
  void begin(const health::pod_truth& truth);
  /// That version is too old for the API server: a quiet pod's is, once the server has been started again, since it
  /// remembers changes from then on. The watch begins with the pod as it is, and what is known stays known.
  void begin_anew();
  /// No GET: the watch begins with the pod as it is.
  void begin();

  effect note(const watch_event& event);

  /// A GET whose pod is the newest that is known. False if the watch has not delivered it yet: it must within moments,
  /// or is not to be relied on.
  bool note_check(const health::pod_truth& truth);

  /// The watch has not delivered yet what a GET has shown.
  bool is_behind() const noexcept { return awaited_.has_value(); }

  /// The pod is of the version that was known already. Not where that has none, or the watch has yet to deliver it.
  bool knows(const health::pod_truth& truth) const;

  /// The watch begins with the pod as it is, and there should be one: its first event will tell.
  bool awaits_first() const noexcept { return untold_ && known_ && shown_.is_present; }
  /// It began so, and with the version that was known. No version comes twice, so the pod has not changed between what
  /// was known and what the watch begins with, whichever is older, and the watch tells of all that comes after.
  bool began_as_known() const noexcept { return began_as_known_; }

  /// Where another watch goes on; empty: with the pod as it is.
  const std::string& resume_from() const noexcept { return resume_from_; }

 private:
  /// A state of the pod, by its version.
  struct state {
    bool is_present = false;
    std::string
        version{};  ///< of a pod that a 404 says is absent: the last one before, so that all older ones are known

    friend bool operator==(const state&, const state&) = default;
  };

  static state state_of(const health::pod_truth& truth);
  version_order compare(const state& told) const;

  state shown_;                     // the newest that is known
  bool known_ = false;              // there is one
  bool is_dated_ = true;            // its version is its own
  std::optional<state> last_told_;  // by this watch
  std::optional<state> awaited_;
  std::string resume_from_;
  bool began_as_known_ = false;
  bool untold_ = true;  // the watch begins with the pod as it is, and has not yet
};

}  // namespace sidecar::kube
