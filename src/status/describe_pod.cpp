#include "sidecar/status/describe_pod.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

namespace sidecar::status {
namespace {

using kind = health::container::kind;

std::string_view name_of(kind type) {
  switch (type) {
    case kind::regular:
      return "container";
    case kind::native_sidecar:
      return "sidecar";
    case kind::init:
      return "init";
    case kind::ephemeral:
      break;
  }
  return "ephemeral";
}

/// Null if the kubelet has not written one yet. An ephemeral container's is not read.
const health::container_status* status_of(const health::pod& shown, const health::container& one) {
  if (one.type == kind::ephemeral) return nullptr;
  const auto& statuses = one.type == kind::regular ? shown.statuses : shown.init_statuses;
  const auto found = std::ranges::find(statuses, one.name, &health::container_status::name);
  return found == statuses.end() ? nullptr : &*found;
}

void write_container(json::writer& out, const health::pod& shown, const health::container& one) {
  const auto* status = status_of(shown, one);
  out.open_object();
  out.key("name").text(one.name);
  out.key("kind").text(name_of(one.type));
  out.key("ready");
  status ? out.boolean(status->ready) : out.null();
  out.key("started");
  status ? out.boolean(status->started) : out.null();
  out.key("restarts");
  status ? out.number(status->restarts) : out.null();
  out.key("last_termination").text(status ? std::string_view{status->last_termination} : "");
  out.close_object();
}

void write_condition(json::writer& out, const health::condition& one) {
  out.open_object();
  out.key("type").text(one.type);
  out.key("status").text(one.status);
  out.key("reason").text(one.reason);
  out.close_object();
}

}  // namespace

void write_pod(json::writer& out, const health::pod_state* known) {
  const auto* shown = known ? std::get_if<health::pod>(known) : nullptr;
  if (!shown) return out.null();
  out.open_object();
  out.key("namespace").text(shown->namespace_name);
  out.key("name").text(shown->name);
  out.key("uid").text(shown->uid);
  out.key("phase").text(shown->phase);
  out.key("deleting").boolean(shown->deletion_requested);
  out.key("maintenance");
  shown->maintenance ? out.text(*shown->maintenance) : out.null();
  out.key("containers").open_array();
  for (const auto& one : shown->containers) write_container(out, *shown, one);
  out.close_array();
  out.key("conditions").open_array();
  for (const auto& one : shown->conditions) write_condition(out, one);
  out.close_array();
  out.close_object();
}

}  // namespace sidecar::status
