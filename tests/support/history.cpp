#include "support/history.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sidecar::test {

std::optional<watch_event> event_for(const object_selection& selection, const object_change& change) {
  const bool before = selection.takes(change.before);
  const bool after = selection.takes(change.after);
  if (!before && !after) return std::nullopt;
  const std::string_view type = !before ? "ADDED" : after ? "MODIFIED" : "DELETED";
  if (type == change.event.type) return change.event;
  return make_event(after ? event_line(type, *change.after->body)
                          : event_line(type, with_version(*change.before->body, change.version)));
}

void history::limit(std::size_t count) {
  limit_ = count;
  trim();
}

void history::add(object_change change) {
  changes_.push_back(std::move(change));
  trim();
}

void history::forget(std::uint64_t version) {
  forgotten_ = std::max(forgotten_, version);
  while (!changes_.empty() && changes_.front().version <= forgotten_) changes_.pop_front();
}

std::vector<object_change> history::after(std::uint64_t version) const {
  std::vector<object_change> result;
  std::copy_if(changes_.begin(), changes_.end(), std::back_inserter(result),
               [version](const object_change& change) { return change.version > version; });
  return result;
}

void history::trim() {
  while (changes_.size() > limit_) {
    forgotten_ = std::max(forgotten_, changes_.front().version);
    changes_.pop_front();
  }
}

}  // namespace sidecar::test
