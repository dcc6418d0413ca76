#include "sidecar/watch/known_object.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <variant>

namespace sidecar::watch {
namespace {

using namespace std::chrono_literals;
using order = known_pod::order;

constexpr time_point began{24h};

/// "104" is the pod at that version, "-104" its absence.
health::pod_state state_at(std::string_view text) {
  if (text.starts_with('-')) return health::absent_pod{std::string{text.substr(1)}};
  health::pod made;
  made.resource_version = std::string{text};
  return made;
}

std::string text_of(const health::pod_state& state) {
  if (const auto* absent = std::get_if<health::absent_pod>(&state)) return '-' + absent->resource_version;
  return std::get<health::pod>(state).resource_version;
}

struct event_row {
  const char* known;
  const char* event;
  order wanted;
  friend void PrintTo(const event_row& row, std::ostream* out) { *out << row.known << " then " << row.event; }
};

class KnownPodEvent : public testing::TestWithParam<event_row> {};

TEST_P(KnownPodEvent, ChangesTheStateIfItIsNewerAndNeverHowFreshItIs) {
  const auto& row = GetParam();
  known_pod known;
  EXPECT_EQ(known.list({state_at(row.known), began}), order::same) << "the first LIST is what is known";
  EXPECT_EQ(known.deliver(state_at(row.event), began + 3s), row.wanted);
  EXPECT_EQ(text_of(known.snapshot().state), row.wanted == order::newer ? row.event : row.known);
  EXPECT_EQ(known.confirmed(), began);
}

const event_row events[] = {
    {"100", "104", order::newer},    {"100", "100", order::same},    {"104", "100", order::older},
    {"99", "100", order::newer},     {"100", "-104", order::newer},  {"-100", "104", order::newer},
    {"-104", "100", order::older},   {"-104", "-100", order::same},  {"-100", "-104", order::newer},
    {"100", "-100", order::unknown}, {"100", "abc", order::unknown}, {"abc", "abc", order::same},
    {"-", "100", order::unknown},    {"100", "", order::unknown},
};

INSTANTIATE_TEST_SUITE_P(All, KnownPodEvent, testing::ValuesIn(events));

/// First a LIST at 0 s that found 100, then perhaps an event at 2 s, then a LIST that began at `list_began`.
struct list_row {
  const char* event;
  std::chrono::seconds list_began;
  const char* listed;
  order wanted;
  const char* known;
  std::chrono::seconds confirmed;
  friend void PrintTo(const list_row& row, std::ostream* out) {
    *out << (row.event ? row.event : "no event") << ", list " << row.listed << " begun at " << row.list_began.count();
  }
};

class KnownPodList : public testing::TestWithParam<list_row> {};

TEST_P(KnownPodList, ConfirmsUnlessVersionsDoNotTell) {
  const auto& row = GetParam();
  known_pod known;
  known.list({state_at("100"), began});
  if (row.event) known.deliver(state_at(row.event), began + 2s);
  EXPECT_EQ(known.list({state_at(row.listed), began + row.list_began}), row.wanted);
  EXPECT_EQ(text_of(known.snapshot().state), row.known);
  EXPECT_EQ(known.confirmed(), began + row.confirmed);
}

const list_row lists[] = {
    {nullptr, 1s, "100", order::same, "100", 1s},
    {nullptr, 1s, "104", order::newer, "104", 1s},
    {nullptr, 1s, "90", order::newer, "90", 1s},  // restored from a backup
    {nullptr, 1s, "abc", order::newer, "abc", 1s},
    {nullptr, 1s, "-104", order::newer, "-104", 1s},
    {"104", 1s, "100", order::older, "104", 1s},  // the event overtook the LIST's response
    {"100", 1s, "104", order::newer, "104", 1s},
    {"104", 1s, "104", order::same, "104", 1s},
    {"104", 1s, "108", order::newer, "108", 1s},
    {"104", 3s, "100", order::newer, "100", 3s},  // begun after the event: newer, whatever the numbers
    {"104", 2s, "abc", order::unknown, "104", 0s},
    {"abc", 1s, "104", order::unknown, "100", 0s},  // the event may be newer
    {"abc", 1s, "-100", order::unknown, "100", 0s},
    {"abc", 3s, "-100", order::newer, "-100", 3s},
    {"-104", 1s, "-100", order::same, "-104", 1s},
};

INSTANTIATE_TEST_SUITE_P(All, KnownPodList, testing::ValuesIn(lists));

/// A LIST that began at 1 s when 100 was known; perhaps an event at 2 s, while its result is kept back.
struct again_row {
  const char* listed;
  const char* event;
  order wanted;
  const char* known;
  friend void PrintTo(const again_row& row, std::ostream* out) {
    *out << "list " << row.listed << " then " << (row.event ? row.event : "no event");
  }
};

class KnownPodListAgain : public testing::TestWithParam<again_row> {};

TEST_P(KnownPodListAgain, AllowsForWhatHasComeMeanwhile) {
  const auto& row = GetParam();
  known_pod known;
  known.list({state_at("100"), began});
  const health::snapshot listed{state_at(row.listed), began + 1s};
  const auto first = known.list(listed);
  if (row.event) known.deliver(state_at(row.event), began + 2s);
  EXPECT_EQ(known.list_again(listed, first), row.wanted);
  EXPECT_EQ(text_of(known.snapshot().state), row.known);
}

const again_row again[] = {
    {"104", nullptr, order::newer, "104"},
    {"104", "104", order::same, "104"},   // the watch has delivered what the LIST found
    {"104", "108", order::same, "108"},   // and more
    {"104", "102", order::newer, "104"},  // it is still on its way there
    {"100", "104", order::same, "104"},
    {"100", nullptr, order::same, "100"},
    {"104", "abc", order::unknown, "104"},  // another LIST must follow that event
    {"100", "abc", order::unknown, "100"},
};

INSTANTIATE_TEST_SUITE_P(All, KnownPodListAgain, testing::ValuesIn(again));

}  // namespace
}  // namespace sidecar::watch
