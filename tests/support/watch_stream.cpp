#include "support/watch_stream.hpp"

#include <algorithm>
#include <utility>

namespace sidecar::test {
namespace {

/// How long before the end the real server sends a last bookmark (apiserver: pkg/storage/cacher/cache_watcher.go).
constexpr int farewell_seconds = 2;

}  // namespace

watch_stream::watch_stream(std::uint64_t number, watch_request wanted, const watch_behaviour& habits, odd_watch oddity,
                           clock::time_point now)
    : number_{number},
      wanted_{std::move(wanted)},
      odd_{std::move(oddity)},
      headers_at_once_{habits.headers_at_once},
      bookmark_interval_{odd_.bookmarks.count() != 0 ? odd_.bookmarks : habits.bookmarks} {
  if (wanted_.seconds != 0) deadline_ = now + wanted_.seconds * habits.second;
  if (wanted_.seconds > farewell_seconds) last_bookmark_ = deadline_ - farewell_seconds * habits.second;
  if (odd_.life.count() != 0) deadline_ = now + odd_.life;
  plan_bookmark(now);
}

void watch_stream::plan_bookmark(clock::time_point now) {
  if (bookmark_interval_.count() == 0 || !wanted_.bookmarks) return;
  next_bookmark_ = now + bookmark_interval_;
  if (now < last_bookmark_) next_bookmark_ = std::min(next_bookmark_, last_bookmark_);
}

void watch_stream::begin(const cluster::watch_start& start, clock::time_point now) {
  since_ = start.since;
  if (!odd_.first.empty()) push(make_event(odd_.first), now);
  for (const watch_event& event : start.events) push(event, now);
  if (!start.too_late) return;
  push(make_event(error_line(410, wanted_.since.value_or(0), start.oldest)), now);
  end(watch_end::clean);
}

bool watch_stream::offer(const object_change& change, clock::time_point now) {
  auto event = event_for(wanted_.selection, change);
  if (!event || change.version <= since_ || odd_.bookmarks.count() != 0) return false;
  push(*std::move(event), now);
  return true;
}

void watch_stream::push(watch_event event, clock::time_point now) { queue_.push_back({std::move(event), now}); }

void watch_stream::end(watch_end how, std::optional<watch_event> half) {
  end_.end = how;
  end_.half = std::move(half);
}

watch_stream::step watch_stream::next(std::uint64_t version, clock::time_point now) {
  if (odd_.error != 0 && taken_ >= odd_.error_after) {
    ++taken_;
    return {{{make_event(error_line(odd_.error, wanted_.since.value_or(0), version)), now}}, {}, watch_end::clean};
  }
  if (now >= next_bookmark_) {
    push(make_event(bookmark_line(version, false, kind())), now);
    plan_bookmark(now);
  }
  const bool over = now >= deadline_;
  if (!queue_.empty() && (queue_.size() >= odd_.together || end_.end || over)) return take_events();
  if (end_.end) return end_;
  if (over) return {{}, {}, odd_.last_chunk ? watch_end::clean : watch_end::no_last_chunk};
  return {{}, {}, {}, std::min(deadline_, next_bookmark_)};
}

watch_stream::step watch_stream::take_events() {
  const bool all = odd_.framing == odd_watch::frames::content_length;
  step result;
  for (unsigned left = odd_.together; !queue_.empty() && (all || left != 0); --left) {
    due_event next = std::move(queue_.front());
    queue_.pop_front();
    next.event = edited(std::move(next.event));
    ++taken_;
    if (odd_.torn) return {{}, std::move(next.event), odd_.torn};
    result.events.push_back(std::move(next));
  }
  if (all) result.end = watch_end::clean;
  return result;
}

watch_event watch_stream::edited(watch_event event) {
  if (!odd_.edit) return event;
  return make_event(odd_.edit(*event.line, taken_, wanted_.since.value_or(0)));
}

}  // namespace sidecar::test
