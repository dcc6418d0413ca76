// What the stand-in's cluster holds, and what has become of it.

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "support/cluster.hpp"

namespace sidecar::test {
namespace {

/// The cluster's version that the document shows, as far as it is a document.
std::string shown_version(const document_json& json) {
  const auto pointer = nlohmann::json_pointer<std::string>{"/metadata/resourceVersion"};
  return json.contains(pointer) && json.at(pointer).is_string() ? json.at(pointer).get<std::string>() : std::string{};
}

std::uint64_t to_version(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

std::string uid_of(const document_json& json) {
  const auto pointer = nlohmann::json_pointer<std::string>{"/metadata/uid"};
  return json.contains(pointer) ? json.at(pointer).dump() : std::string{};
}

}  // namespace

std::shared_ptr<const object_state> cluster::find(resource_kind kind, const key& where) const {
  const auto found = states_.find(where);
  return found != states_.end() && found->second->kind == kind ? found->second : nullptr;
}

void cluster::store(resource_kind kind, const key& where, document_json document) {
  const auto old = objects_.find(where);
  if (old != objects_.end() && uid_of(old->second.document) != uid_of(document)) erase(kind, where);
  set_version_of(document, ++version_);
  auto body = std::make_shared<const std::string>(document_text(document));
  keep(kind, where, std::move(document), std::move(body));
}

void cluster::keep(resource_kind kind, const key& where, document_json document,
                   std::shared_ptr<const std::string> body) {
  std::shared_ptr<const object_state>& state = states_[where];
  object_change change{version_, make_event(event_line(state ? "MODIFIED" : "ADDED", *body)), state};
  state = change.after = state_of(kind, where, document, std::move(body));
  std::string shown = shown_version(document);
  objects_.insert_or_assign(where, entry{std::move(document), version_, std::move(shown)});
  if (kind == resource_kind::nodes) nodes_.insert(where.second);
  if (kind == resource_kind::pods) add_node_of(*change.after);
  record(kind, std::move(change));
}

void cluster::record(resource_kind kind, object_change change) {
  history_of(kind).add(change);
  changes_.push_back(std::move(change));
}

/// In the moment of the pod and under its version: tests count versions.
void cluster::add_node_of(const object_state& pod) {
  if (pod.node.empty() || nodes_.contains(pod.node)) return;
  document_json document = node{node_spec{.name = pod.node}}.document();
  set_version_of(document, version_);
  auto body = std::make_shared<const std::string>(document_text(document));
  keep(resource_kind::nodes, key{"", pod.node}, std::move(document), std::move(body));
}

// The deletion has a version of its own, and the last that is seen of the object says it.
bool cluster::erase(resource_kind kind, const key& where) {
  const std::shared_ptr<const object_state> last = find(kind, where);
  if (!last) return false;
  states_.erase(where);
  objects_.erase(where);
  ++version_;
  record(kind, {version_, make_event(event_line("DELETED", with_version(*last->body, version_))), last});
  return true;
}

void cluster::put_pod(pod document) {
  const key where{document.name_space(), document.name()};
  store(resource_kind::pods, where, std::move(document.document()));
}

void cluster::put_document(const std::string& name_space, const std::string& name, std::string bytes) {
  document_json document = document_json::parse(bytes, nullptr, false);
  if (!document.is_object()) document = document_json::object();
  version_ = std::max(version_ + 1, to_version(shown_version(document)));
  keep(resource_kind::pods, {name_space, name}, std::move(document),
       std::make_shared<const std::string>(std::move(bytes)));
}

void cluster::update_pod(const std::string& name_space, const std::string& name,
                         const std::function<void(pod&)>& change) {
  pod document{objects_.at({name_space, name}).document};
  change(document);
  store(resource_kind::pods, {name_space, name}, std::move(document.document()));
}

bool cluster::delete_pod(const std::string& name_space, const std::string& name) {
  return erase(resource_kind::pods, {name_space, name});
}

void cluster::put_node(const node& document) {
  store(resource_kind::nodes, key{"", document.name()}, document.document());
}

void cluster::update_node(const std::string& name, const std::function<void(node&)>& change) {
  node document{objects_.at(key{"", name}).document};
  change(document);
  store(resource_kind::nodes, key{"", name}, std::move(document.document()));
}

bool cluster::delete_node(const std::string& name) {
  nodes_.insert(name);
  return erase(resource_kind::nodes, key{"", name});
}

void cluster::forget_history() {
  for (history& one : histories_) one.forget(version_);
  lists_.forget();
}

void cluster::keep_history(std::size_t changes) {
  for (history& one : histories_) one.limit(changes);
}

cluster::watch_start cluster::start(const watch_request& wanted) const {
  watch_start result;
  const resource_kind kind = wanted.selection.kind;
  result.oldest = history_of(kind).oldest();
  result.since = std::max(version_, wanted.since.value_or(0));
  if (!wanted.since) {
    for (const auto& [where, state] : states_) {
      if (wanted.selection.takes(state)) result.events.push_back(make_event(event_line("ADDED", *state->body)));
    }
    if (!wanted.bookmarks) return result;
    result.events.push_back(make_event(bookmark_line(version_, true, kind)));
    return result;
  }
  // A document by hand may show any version: who asks from that one has seen it.
  const key where{wanted.selection.name_space, wanted.selection.name};
  const auto named = find(kind, where) ? objects_.find(where) : objects_.end();
  const bool seen = named != objects_.end() && named->second.shown_version == std::to_string(*wanted.since);
  const std::uint64_t since = seen ? named->second.version : *wanted.since;
  result.too_late = !history_of(kind).reaches(since);
  if (result.too_late) return result;
  for (const object_change& change : history_of(kind).after(since)) {
    if (auto event = event_for(wanted.selection, change)) result.events.push_back(*std::move(event));
  }
  return result;
}

}  // namespace sidecar::test
