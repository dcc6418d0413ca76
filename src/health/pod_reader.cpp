#include "sidecar/health/pod_reader.hpp"

#include <string>

#include "sidecar/base/utf8.hpp"
#include "sidecar/health/parse_pod.hpp"

namespace sidecar::health {
namespace {

std::string shown(std::string_view text) { return std::string{first_characters(text, max_pod_text)}; }

}  // namespace

using boost::system::error_code;
using fields::draft;
using fields::entry;
using fields::place;
using fields::shape;
using fields::value;

error_code pod_reader::null() {
  // A null counts as absent, but in a list Go's decoder makes an object without fields of it.
  if (!expected() || !in_list()) return {};
  if (const auto limit_error = enter_object(expected()->inside)) return limit_error;
  leave();
  return {};
}

error_code pod_reader::boolean(bool is_true) {
  const auto& wanted = expected();
  if (!wanted) return {};
  if (wanted->type != shape::boolean) return errc::json_wrong_type;
  draft_.*wanted->flag = is_true;
  return {};
}

error_code pod_reader::number() { return expected() ? make_error_code(errc::json_wrong_type) : error_code(); }

error_code pod_reader::integer(std::int64_t number) {
  const auto& wanted = expected();
  if (!wanted) return {};
  if (wanted->type != shape::integer) return errc::json_wrong_type;
  draft_.*wanted->number = number;
  return {};
}

error_code pod_reader::string(std::string_view content) {
  const auto& wanted = expected();
  if (!wanted) return {};
  if (wanted->type == shape::presence_of_text) {
    draft_.*wanted->flag = true;
    return {};
  }
  if (wanted->type == shape::maintenance) {
    draft_.maintenance.emplace(content);
    return {};
  }
  if (wanted->type != shape::text) return errc::json_wrong_type;
  draft_.*wanted->text = content;
  // Checked here, not at the end: the fields of another kind have other types (a Status has a text in "status").
  if (wanted->text == &draft::kind && draft_.kind != "Pod") return errc::pod_not_a_pod;
  return {};
}

error_code pod_reader::start_object() {
  const auto& wanted = expected();
  if (!wanted) return skip();
  if (wanted->type != shape::object) return errc::json_wrong_type;
  return enter_object(wanted->inside);
}

error_code pod_reader::key(std::string_view name) {
  if (skipped_ > 0) return {};
  top().next.reset();
  for (std::size_t i = 0; i < fields::all.size(); ++i) {
    if (!is_read(fields::all[i], name)) continue;
    if (seen_[i]) return errc::json_duplicate_key;
    seen_[i] = true;
    top().next = fields::all[i].holds;
    break;
  }
  return {};
}

bool pod_reader::is_read(const fields::field& one, std::string_view key) {
  if (one.parent != top().where) return false;
  if (one.parent == place::labels) {
    const auto wanted = one.key == fields::maintenance_label ? labels_.maintenance : labels_.workload;
    return !wanted.empty() && key == wanted;
  }
  return one.key == key && (one.holds.inside != place::labels || !labels_.empty());
}

error_code pod_reader::start_array() {
  const auto& wanted = expected();
  if (!wanted) return skip();
  if (wanted->type != shape::list) return errc::json_wrong_type;
  const value element = fields::object(wanted->inside);
  open_[++depth_] = {place::nowhere, element};
  return {};
}

result<pod> pod_reader::take() {
  if (draft_.kind.empty() && rule_ == kind_rule::required) return errc::pod_not_a_pod;
  return static_cast<pod&&>(draft_);
}

const std::optional<value>& pod_reader::expected() {
  static constexpr std::optional<value> nothing;
  return skipped_ > 0 ? nothing : top().next;
}

error_code pod_reader::skip() {
  ++skipped_;
  return {};
}

error_code pod_reader::end() {
  if (skipped_ > 0) {
    --skipped_;
  } else {
    leave();
  }
  return {};
}

error_code pod_reader::enter_object(place where) {
  if (fields::is_kept(where) && ++kept_ > max_pod_entries) return errc::pod_too_many_entries;
  for (std::size_t i = 0; i < fields::all.size(); ++i)
    if (fields::all[i].parent == where) seen_[i] = false;
  if (in_list()) static_cast<entry&>(draft_) = {};
  open_[++depth_] = {where, std::nullopt};
  return {};
}

void pod_reader::leave() {
  finish(top().where);
  --depth_;
}

void pod_reader::finish(place where) {
  switch (where) {
    case place::regular_container:
      return add_container(container::kind::regular);
    case place::init_container:
      return add_container(draft_.restart_policy == "Always" ? container::kind::native_sidecar : container::kind::init);
    case place::ephemeral_container:
      return add_container(container::kind::ephemeral);
    case place::condition:
      return add_condition();
    case place::container_status:
      draft_.statuses.push_back(take_status());
      return;
    case place::init_container_status:
      draft_.init_statuses.push_back(take_status());
      return;
    default:
      return;
  }
}

void pod_reader::add_container(container::kind type) {
  draft_.containers.push_back({std::move(draft_.entry_name), type});
}

container_status pod_reader::take_status() {
  return {std::move(draft_.entry_name), draft_.ready, draft_.started, draft_.restarts, shown(draft_.last_termination)};
}

void pod_reader::add_condition() {
  if (draft_.conditions.size() < max_pod_conditions) {
    draft_.conditions.push_back(
        {shown(draft_.condition_type), shown(draft_.condition_status), shown(draft_.condition_reason)});
  }
  const bool is_true = draft_.condition_status == "True";
  if (draft_.condition_type == "Ready") add_ready_condition(is_true);
  if (draft_.condition_type == "ContainersReady") draft_.containers_ready_is_true |= is_true;
  if (draft_.condition_type == "DisruptionTarget" && draft_.condition_reason == "TerminationByKubelet")
    draft_.terminated_by_kubelet |= is_true;
  if (draft_.condition_type == "AllContainersRestarting") draft_.all_containers_restarting |= is_true;
}

void pod_reader::add_ready_condition(bool is_true) {
  draft_.ready_is_true = is_true && (draft_.ready_is_true || !draft_.has_ready_condition);
  draft_.has_ready_condition = true;
  draft_.ready_is_false |= draft_.condition_status == "False";
  if (!is_true) draft_.unready_reason = std::move(draft_.condition_reason);
}

}  // namespace sidecar::health
