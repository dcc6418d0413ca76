#include "support/watch_stream.hpp"

#include <gtest/gtest.h>

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = watch_stream::clock;

const clock::time_point start{};

watch_request wanted(std::uint64_t seconds = 0) { return {"demo", "game-0", 200, true, seconds}; }

pod_change change(std::uint64_t version, const std::string& name = "game-0") {
  return {"demo", name, version, make_event(event_line("MODIFIED", bookmark_line(version)))};
}

watch_stream make_stream(const odd_watch& odd = {}, const watch_behaviour& habits = {}, std::uint64_t seconds = 0) {
  watch_stream stream{1, wanted(seconds), habits, odd, start};
  stream.begin({false, 0, 200, {}}, start);
  return stream;
}

std::string types(const watch_stream::step& step) {
  std::string result;
  for (const watch_stream::due_event& due : step.events) result += due.event.type + due.event.version + " ";
  return result;
}

TEST(WatchStream, HasNothingToSayUntilSomethingHappens) {
  watch_stream stream = make_stream();
  const watch_stream::step step = stream.next(200, start + 1h);
  EXPECT_TRUE(step.events.empty());
  EXPECT_FALSE(step.end);
  EXPECT_EQ(step.look_again, clock::time_point::max());
}

TEST(WatchStream, TakesWhatIsItsOwnAndNew) {
  watch_stream stream = make_stream();
  EXPECT_FALSE(stream.offer(change(200), start)) << "older than its beginning";
  EXPECT_FALSE(stream.offer(change(201, "game-1"), start));
  EXPECT_TRUE(stream.offer(change(202), start));
  EXPECT_EQ(types(stream.next(202, start)), "MODIFIED202 ");
}

TEST(WatchStream, EndsAfterWhatIsDue) {
  watch_stream stream = make_stream();
  stream.offer(change(201), start);
  stream.end(watch_end::reset);
  EXPECT_EQ(types(stream.next(201, start)), "MODIFIED201 ");
  EXPECT_EQ(stream.next(201, start).end, watch_end::reset);
}

TEST(WatchStream, EndsAtItsTimeout) {
  watch_stream stream = make_stream({}, {}, 5);
  EXPECT_EQ(stream.next(200, start + 4s).look_again, start + 5s);
  EXPECT_EQ(stream.next(200, start + 5s).end, watch_end::clean);
}

TEST(WatchStream, BookmarksComeRegularlyAndTwoSecondsBeforeTheEnd) {
  watch_stream stream = make_stream({}, {.bookmarks = 60s}, 100);
  EXPECT_EQ(stream.next(205, start + 59s).look_again, start + 60s);
  EXPECT_EQ(types(stream.next(205, start + 60s)), "BOOKMARK205 ");
  EXPECT_EQ(stream.next(206, start + 61s).look_again, start + 98s);
  EXPECT_EQ(types(stream.next(206, start + 98s)), "BOOKMARK206 ");
  EXPECT_EQ(stream.next(206, start + 99s).look_again, start + 100s);
}

TEST(WatchStream, TogetherMeansTogetherUnlessItEnds) {
  watch_stream stream = make_stream({.together = 2});
  stream.offer(change(201), start);
  EXPECT_EQ(types(stream.next(201, start)), "");
  stream.offer(change(202), start);
  EXPECT_EQ(types(stream.next(202, start)), "MODIFIED201 MODIFIED202 ");
  stream.offer(change(203), start);
  stream.end(watch_end::clean);
  EXPECT_EQ(types(stream.next(203, start)), "MODIFIED203 ");
}

TEST(WatchStream, SilenceHasNoEnd) {
  watch_stream stream = make_stream({.silent_after = 1}, {.bookmarks = 1s}, 5);
  stream.offer(change(201), start);
  EXPECT_EQ(types(stream.next(201, start)), "MODIFIED201 ");
  stream.offer(change(202), start);
  stream.end(watch_end::clean);
  const watch_stream::step step = stream.next(202, start + 1h);
  EXPECT_TRUE(step.events.empty());
  EXPECT_FALSE(step.end);
}

TEST(WatchStream, ErrorEndsIt) {
  watch_stream stream = make_stream({.error = 500, .error_after = 1});
  stream.offer(change(201), start);
  EXPECT_EQ(types(stream.next(201, start)), "MODIFIED201 ");
  const watch_stream::step step = stream.next(201, start);
  EXPECT_EQ(types(step), "ERROR ");
  EXPECT_EQ(step.end, watch_end::clean);
}

TEST(WatchStream, MissedChangesDoNotCome) {
  watch_stream stream = make_stream({.missing = 1});
  EXPECT_FALSE(stream.offer(change(201), start));
  EXPECT_TRUE(stream.offer(change(202), start));
}

}  // namespace
}  // namespace sidecar::test
