// The watch faults whose absence no product test would notice: it would pass because nothing is wrong.

#include <gtest/gtest.h>

#include <ostream>

#include "support/events.hpp"
#include "watching_client.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

const std::string since_201 = "&resourceVersion=201&allowWatchBookmarks=true";

/// A watch that meets the fault, open from now.
struct troubled_watch {
  explicit troubled_watch(const fault& trouble) {
    fixture.server.inject(times(1, trouble));
    client.emplace(fixture, since_201);
    fixture.server.wait_for([](const server_counts& counts) { return counts.watches == 1; });
  }

  void change() { fixture.server.set_ready("game", is_ready = !is_ready); }

  ready_server fixture;
  std::optional<watching_client> client;
  bool is_ready = true;
};

struct fault_row {
  const char* name;
  fault trouble;
  /// "+": the pod changes; "silence": nothing comes; else the next event.
  std::vector<std::string> script;
};
void PrintTo(const fault_row& row, std::ostream* out) { *out << row.name; }

class WatchFault : public testing::TestWithParam<fault_row> {};

TEST_P(WatchFault, IsSeenByTheClient) {
  troubled_watch watch{GetParam().trouble};
  for (const std::string& step : GetParam().script) {
    if (step == "+") {
      watch.change();
    } else if (step == "silence") {
      EXPECT_EQ(watch.client->connection().read_for(30ms), "");
    } else {
      EXPECT_EQ(watch.client->next(), step);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, WatchFault,
    testing::Values(fault_row{"W04 unknown type", unknown_event(), {"+", "PATCHED 1", "MODIFIED 202"}},
                    fault_row{"W06 two events in a chunk",
                              events_together(),
                              {"+", "silence", "+", "MODIFIED 202", "MODIFIED 203"}},
                    fault_row{"W08 versions fall", versions_fall(), {"+", "MODIFIED 200", "+", "MODIFIED 199"}},
                    fault_row{"W08 versions stay", versions_stay(), {"+", "MODIFIED 201", "+", "MODIFIED 201"}},
                    fault_row{"length", watch_with_length(), {"+", "MODIFIED 202"}}),
    [](const auto& row) {
      std::string name{row.param.name};
      std::ranges::replace(name, ' ', '_');
      return name;
    });

TEST(WatchFaults, W01BookmarksComeInPlaceOfTheChange) {
  troubled_watch watch{bookmarks_only(10ms)};
  watch.change();
  std::string next = watch.client->next();
  if (next == "BOOKMARK 201") next = watch.client->next();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(std::exchange(next, watch.client->next()), "BOOKMARK 202");
}

TEST(WatchFaults, W06OneEventOverManyChunks) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}}) {
    troubled_watch watch{for_watches(in_chunks_of(size))};
    watch.change();
    const auto line = watch.client->line();
    ASSERT_TRUE(line);
    EXPECT_EQ(watch.client->chunks().size(), (line->size() + 1 + size - 1) / size);
  }
}

TEST(WatchFaults, W14HeadersAreTheFaultsChoice) {
  for (const bool at_once : {true, false}) {
    ready_server fixture;
    fixture.server.behave({.headers_at_once = !at_once});
    fixture.server.inject(at_once ? headers_at_once() : headers_withheld());
    watching_client client{fixture, since_201, 100ms};
    EXPECT_EQ(!client.head().empty(), at_once);
  }
}

struct end_row {
  const char* name;
  watch_end how;
  read_end end;
  bool last_chunk;
  bool half;
};
void PrintTo(const end_row& row, std::ostream* out) { *out << row.name; }

class EndOfWatch : public testing::TestWithParam<end_row> {};

TEST_P(EndOfWatch, ComesAfterTheEventsBeforeIt) {
  ready_server fixture;
  watching_client client{fixture, since_201};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.set_ready("game", false);
  // A reset may overtake what was written before it.
  const bool is_read_first = GetParam().how == watch_end::reset;
  if (is_read_first) {
    EXPECT_EQ(client.next(), "MODIFIED 202");
  }
  fixture.server.end_watches(GetParam().how);
  if (!is_read_first) {
    EXPECT_EQ(client.next(), "MODIFIED 202");
  }
  EXPECT_EQ(client.next(), "end");
  EXPECT_EQ(client.saw_last_chunk(), GetParam().last_chunk);
  EXPECT_EQ(client.connection().last_end(), GetParam().end);
  EXPECT_EQ(!client.rest().empty(), GetParam().half);
}

INSTANTIATE_TEST_SUITE_P(
    All, EndOfWatch,
    testing::Values(end_row{"clean", watch_end::clean, read_end::complete, true, false},
                    end_row{"no last chunk", watch_end::no_last_chunk, read_end::closed, false, false},
                    end_row{"half event", watch_end::half_event, read_end::closed, false, true},
                    end_row{"truncated", watch_end::half_event_truncated, read_end::truncated, false, true},
                    end_row{"reset", watch_end::reset, read_end::reset, false, false}));

}  // namespace
}  // namespace sidecar::test
