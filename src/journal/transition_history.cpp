#include "sidecar/journal/transition_history.hpp"

#include <utility>

#include "sidecar/base/utf8.hpp"

namespace sidecar::journal {

bool transition_history::is_new(const transition& now) const noexcept {
  if (!now.container.empty()) return false;
  if (entries_.empty()) return true;
  const auto& last = entries_.front().given;
  return last.verdict != now.given.verdict || last.held.has_value() != now.given.held.has_value();
}

void transition_history::add(entry newest) {
  if (!entries_.empty() && entries_.front().given.verdict != newest.given.verdict) ++verdict_changes_;
  newest.detail.resize(first_characters(newest.detail, max_detail).size());
  newest.detail.shrink_to_fit();
  if (entries_.size() == max_entries) entries_.pop_back();
  entries_.push_front(std::move(newest));
}

std::optional<transition_history::system_time> transition_history::since() const noexcept {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().at;
}

}  // namespace sidecar::journal
