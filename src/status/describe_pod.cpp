#include "sidecar/status/describe_pod.hpp"

#include <algorithm>
#include <optional>
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
  out.member("name", one.name);
  out.member("kind", name_of(one.type));
  out.member("ready", status ? std::optional{status->ready} : std::nullopt);
  out.member("started", status ? std::optional{status->started} : std::nullopt);
  out.member("restarts", status ? std::optional{status->restarts} : std::nullopt);
  out.member("last_termination", status ? std::string_view{status->last_termination} : "");
}

}  // namespace

void write_pod(json::writer& out, const health::pod_state* known) {
  const auto* shown = known ? std::get_if<health::pod>(known) : nullptr;
  if (!shown) return out.null();
  out.object([&] {
    out.member("namespace", shown->namespace_name);
    out.member("name", shown->name);
    out.member("uid", shown->uid);
    out.member("phase", shown->phase);
    out.member("deleting", shown->deletion_requested);
    out.member("maintenance", shown->maintenance);
    out.key("containers").objects(shown->containers, [&](const auto& one) { write_container(out, *shown, one); });
    out.key("conditions").objects(shown->conditions, [&](const auto& one) {
      out.member("type", one.type);
      out.member("status", one.status);
      out.member("reason", one.reason);
    });
  });
}

}  // namespace sidecar::status
