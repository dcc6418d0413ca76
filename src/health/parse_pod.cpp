#include "sidecar/health/parse_pod.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/base/json.hpp"
#include "sidecar/base/json_member.hpp"

namespace sidecar::health {
namespace {

using boost::system::error_code;

/// The objects that are read; nothing else in a pod is looked at.
enum class place : std::uint8_t {
  nowhere,
  document,
  metadata,
  spec,
  status,
  regular_container,
  init_container,
  ephemeral_container,
  readiness_gate,
  condition,
  container_status,
  init_container_status,
};

/// The fields of the list entry that is being read, of whatever list.
struct entry {
  std::string entry_name;
  std::string restart_policy;
  std::string condition_type;
  std::string condition_status;
  std::string condition_reason;
  bool ready = false;
};

/// What has been read so far.
struct draft : pod, entry {
  std::string kind;
  bool has_ready_condition = false;
};

enum class shape : std::uint8_t { text, presence_of_text, boolean, object, list };

/// What a value must be, and where it goes.
struct value {
  shape type;
  place inside = place::nowhere;       ///< of an object, or of each object in a list
  std::string draft::*text = nullptr;  ///< of a text
  bool draft::*flag = nullptr;         ///< of a boolean, or set because a text is there
};

struct field {
  place parent;
  std::string_view key;
  value holds;
};

constexpr value text(std::string draft::*into) { return {shape::text, {}, into, nullptr}; }
constexpr value presence_of_text(bool draft::*into) { return {shape::presence_of_text, {}, nullptr, into}; }
constexpr value boolean(bool draft::*into) { return {shape::boolean, {}, nullptr, into}; }
constexpr value object(place inside) { return {shape::object, inside, nullptr, nullptr}; }
constexpr value list_of(place inside) { return {shape::list, inside, nullptr, nullptr}; }

// Every path that is read, with the type that Kubernetes gives it.
constexpr std::array fields{
    field{place::document, "kind", text(&draft::kind)},
    field{place::document, "metadata", object(place::metadata)},
    field{place::document, "spec", object(place::spec)},
    field{place::document, "status", object(place::status)},
    field{place::metadata, "name", text(&draft::name)},
    field{place::metadata, "namespace", text(&draft::namespace_name)},
    field{place::metadata, "uid", text(&draft::uid)},
    field{place::metadata, "resourceVersion", text(&draft::resource_version)},
    field{place::metadata, "deletionTimestamp", presence_of_text(&draft::deletion_requested)},
    field{place::spec, "containers", list_of(place::regular_container)},
    field{place::spec, "initContainers", list_of(place::init_container)},
    field{place::spec, "ephemeralContainers", list_of(place::ephemeral_container)},
    field{place::spec, "readinessGates", list_of(place::readiness_gate)},
    field{place::regular_container, "name", text(&draft::entry_name)},
    field{place::init_container, "name", text(&draft::entry_name)},
    field{place::init_container, "restartPolicy", text(&draft::restart_policy)},
    field{place::ephemeral_container, "name", text(&draft::entry_name)},
    field{place::status, "phase", text(&draft::phase)},
    field{place::status, "conditions", list_of(place::condition)},
    field{place::status, "containerStatuses", list_of(place::container_status)},
    field{place::status, "initContainerStatuses", list_of(place::init_container_status)},
    field{place::condition, "type", text(&draft::condition_type)},
    field{place::condition, "status", text(&draft::condition_status)},
    field{place::condition, "reason", text(&draft::condition_reason)},
    field{place::container_status, "name", text(&draft::entry_name)},
    field{place::container_status, "ready", boolean(&draft::ready)},
    field{place::init_container_status, "name", text(&draft::entry_name)},
    field{place::init_container_status, "ready", boolean(&draft::ready)},
};

/// Each such object is kept as an entry of the pod; of the others only what they say together.
constexpr bool is_kept(place where) {
  switch (where) {
    case place::regular_container:
    case place::init_container:
    case place::ephemeral_container:
    case place::container_status:
    case place::init_container_status:
      return true;
    default:
      return false;
  }
}

class pod_reader final : public json::events {
 public:
  error_code null() override {
    // Absent, but for the place it takes in a list: there Go's decoder makes an object without fields of it.
    if (!expected() || !in_list()) return {};
    if (const auto one_too_many = enter_object(expected()->inside)) return one_too_many;
    leave();
    return {};
  }

  error_code boolean(bool is_true) override {
    const auto& wanted = expected();
    if (!wanted) return {};
    if (wanted->type != shape::boolean) return errc::json_wrong_type;
    draft_.*wanted->flag = is_true;
    return {};
  }

  error_code number() override { return expected() ? make_error_code(errc::json_wrong_type) : error_code(); }

  error_code string(std::string_view content) override {
    const auto& wanted = expected();
    if (!wanted) return {};
    if (wanted->type == shape::presence_of_text) {
      draft_.*wanted->flag = true;
      return {};
    }
    if (wanted->type != shape::text) return errc::json_wrong_type;
    draft_.*wanted->text = content;
    // At once, because the fields of another kind have other types: a Status has a text in "status".
    return wanted->text == &draft::kind ? check_kind() : error_code();
  }

  error_code start_object() override {
    const auto& wanted = expected();
    if (!wanted) return skip();
    if (wanted->type != shape::object) return errc::json_wrong_type;
    return enter_object(wanted->inside);
  }

  error_code key(std::string_view name) override {
    if (skipped_ > 0) return {};
    top().next.reset();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].parent != top().where || fields[i].key != name) continue;
      if (seen_[i]) return errc::json_repeated_key;
      seen_[i] = true;
      top().next = fields[i].holds;
      break;
    }
    return {};
  }

  error_code end_object() override { return end(); }

  error_code start_array() override {
    const auto& wanted = expected();
    if (!wanted) return skip();
    if (wanted->type != shape::list) return errc::json_wrong_type;
    const value element = object(wanted->inside);
    open_[++depth_] = {place::nowhere, element};
    return {};
  }

  error_code end_array() override { return end(); }

  result<pod> take() {
    if (const error_code wrong_kind = check_kind()) return wrong_kind;
    return static_cast<pod&&>(draft_);
  }

 private:
  /// An object or a list that is open and read.
  struct level {
    place where = place::nowhere;  ///< of a list: nowhere
    std::optional<value> next;     ///< what the value that comes must be; nothing if it is not read
  };

  level& top() { return open_[depth_]; }
  bool in_list() { return top().where == place::nowhere; }

  const std::optional<value>& expected() {
    static constexpr std::optional<value> nothing;
    return skipped_ > 0 ? nothing : top().next;
  }

  error_code skip() {
    ++skipped_;
    return {};
  }

  error_code end() {
    if (skipped_ > 0) {
      --skipped_;
    } else {
      leave();
    }
    return {};
  }

  error_code enter_object(place where) {
    if (is_kept(where) && ++kept_ > most_pod_entries) return errc::pod_too_many_entries;
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].parent == where) seen_[i] = false;
    if (in_list()) static_cast<entry&>(draft_) = {};
    open_[++depth_] = {where, std::nullopt};
    return {};
  }

  void leave() {
    finish(top().where);
    --depth_;
  }

  void finish(place where) {
    switch (where) {
      case place::regular_container:
        return add_container(container::kind::regular);
      case place::init_container:
        return add_container(draft_.restart_policy == "Always" ? container::kind::native_sidecar
                                                               : container::kind::init);
      case place::ephemeral_container:
        return add_container(container::kind::ephemeral);
      case place::readiness_gate:
        draft_.has_readiness_gates = true;
        return;
      case place::condition:
        return add_condition();
      case place::container_status:
        draft_.statuses.push_back({std::move(draft_.entry_name), draft_.ready});
        return;
      case place::init_container_status:
        draft_.init_statuses.push_back({std::move(draft_.entry_name), draft_.ready});
        return;
      default:
        return;
    }
  }

  void add_container(container::kind type) { draft_.containers.push_back({std::move(draft_.entry_name), type}); }

  void add_condition() {
    const bool is_true = draft_.condition_status == "True";
    if (draft_.condition_type == "Ready") add_ready_condition(is_true);
    if (draft_.condition_type == "ContainersReady") draft_.containers_ready_is_true |= is_true;
    if (draft_.condition_type == "DisruptionTarget" && draft_.condition_reason == "TerminationByKubelet")
      draft_.terminated_by_kubelet |= is_true;
  }

  void add_ready_condition(bool is_true) {
    draft_.ready_is_true = is_true && (draft_.ready_is_true || !draft_.has_ready_condition);
    draft_.has_ready_condition = true;
    draft_.ready_is_false |= draft_.condition_status == "False";
    if (!is_true) draft_.unready_reason = std::move(draft_.condition_reason);
  }

  error_code check_kind() const { return draft_.kind == "Pod" ? error_code() : make_error_code(errc::pod_not_a_pod); }

  draft draft_;
  // The text as a list of one document, the document, and at most: status, conditions, a condition.
  std::array<level, 5> open_{level{place::nowhere, object(place::document)}};
  std::size_t depth_ = 0;
  std::size_t skipped_ = 0;  ///< objects and lists that are open and not read
  std::size_t kept_ = 0;     ///< objects that are entries of the pod
  std::bitset<fields.size()> seen_;
};

}  // namespace

result<pod> parse_pod(std::string_view json) {
  pod_reader reader;
  if (const auto outcome = json::read(json, reader); !outcome) return outcome.error();
  return reader.take();
}

result<pod> parse_pod_member(std::string_view json, std::string_view name) {
  pod_reader reader;
  if (const auto outcome = json::read_member(json, name, reader); !outcome) return outcome.error();
  return reader.take();
}

}  // namespace sidecar::health
