#include <algorithm>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "node_drain_fixture.hpp"

/// What is said of the node, what of the target, and what a load balancer gets.
namespace sidecar::test {
namespace {

using testing::Combine;
using testing::Values;
using testing::ValuesIn;

enum class target_state { ready, not_ready, terminating, api_away, no_permission };

std::string name_of(target_state state) {
  switch (state) {
    case target_state::ready:
      return "Ready";
    case target_state::not_ready:
      return "NotReady";
    case target_state::terminating:
      return "Terminating";
    case target_state::api_away:
      return "ApiAway";
    case target_state::no_permission:
      break;
  }
  return "NoPermission";
}
void PrintTo(target_state state, std::ostream* out) { *out << name_of(state); }

std::string wanted_answer(bool is_leaving, target_state state) {
  switch (state) {
    case target_state::ready:
      return is_leaving ? drains : "200 OK";
    case target_state::not_ready:
      return is_leaving ? "500 NodeDraining" : "500 ContainerNotReady";
    case target_state::terminating:
      return "404 PodTerminating drain";
    case target_state::api_away:
      return is_leaving ? "404 NodeDraining held drain" : "200 OK held";
    case target_state::no_permission:
      break;
  }
  return "200 OK";
}

using drain_row = std::tuple<drain_mode, node_mark, target_state>;

class NodeDrain : public node_drain_fixture, public testing::WithParamInterface<drain_row> {
 protected:
  drain_mode mode() const { return std::get<0>(GetParam()); }
  const node_mark& mark() const { return std::get<1>(GetParam()); }
  target_state state() const { return std::get<2>(GetParam()); }
  std::string wanted() const { return wanted_answer(mark().is_leaving, state()); }

  void bring_about_state() {
    if (state() == target_state::not_ready) api.set_ready("game", false);
    if (state() == target_state::terminating) change_pod([](pod& of) { of.terminate(); });
    if (state() == target_state::no_permission) api.allow_nodes({});
  }

  /// Of a server that has gone: what was known stays for as long as it is held.
  void expect_held(const asked_target& target) {
    api.stop();
    EXPECT_EQ(target.ask_until(wanted()), wanted());
    for (int i = 0; i < 20; ++i) ASSERT_EQ(target.ask(), wanted()) << i;
  }
};

std::string name_of_row(const testing::TestParamInfo<drain_row>& tested) {
  return name_of(std::get<0>(tested.param)) + "_" + std::get<1>(tested.param).name + "_" +
         name_of(std::get<2>(tested.param));
}

/// The program has just started: its first answer is right.
TEST_P(NodeDrain, IsInTheFirstAnswer) {
  bring_about_state();
  mark().put(api);
  const auto target = start_in(mode());
  if (state() != target_state::api_away) {
    EXPECT_EQ(target.ask(), wanted());
    return;
  }
  const auto before = wanted_answer(mark().is_leaving, target_state::ready);
  ASSERT_EQ(target.ask(), before);
  expect_held(target);
}

/// What a mark means, and what follows from that and the target, tables hold in tests/unit: health/node_test.cpp,
/// node/node_answer_test.cpp, leaving/node_drain_test.cpp. Here each of either is met once.
std::vector<node_mark> leaving_and_not() {
  return {operators_label(), *std::ranges::find(node_marks(), "Nothing", &node_mark::name)};
}

INSTANTIATE_TEST_SUITE_P(EachMark, NodeDrain,
                         Combine(Values(drain_mode::live, drain_mode::watch, drain_mode::node), ValuesIn(node_marks()),
                                 Values(target_state::ready)),
                         name_of_row);
INSTANTIATE_TEST_SUITE_P(EachState, NodeDrain,
                         Combine(Values(drain_mode::live, drain_mode::watch, drain_mode::node),
                                 ValuesIn(leaving_and_not()),
                                 Values(target_state::not_ready, target_state::terminating, target_state::api_away,
                                        target_state::no_permission)),
                         name_of_row);

/// The program runs when it happens.
class NodeDrainEvent : public NodeDrain {};

TEST_P(NodeDrainEvent, IsInTheAnswersFromThenOn) {
  const auto target = start_watching_in(mode());
  ASSERT_EQ(target.ask(), "200 OK");
  mark().put(api);
  bring_about_state();
  if (state() != target_state::api_away) {
    EXPECT_EQ(target.ask_until(wanted()), wanted());
    return;
  }
  const auto before = wanted_answer(mark().is_leaving, target_state::ready);
  ASSERT_EQ(target.ask_until(before), before);
  expect_held(target);
}

INSTANTIATE_TEST_SUITE_P(EachMark, NodeDrainEvent,
                         Combine(Values(drain_mode::watch, drain_mode::node), ValuesIn(node_marks()),
                                 Values(target_state::ready)),
                         name_of_row);
INSTANTIATE_TEST_SUITE_P(EachState, NodeDrainEvent,
                         Combine(Values(drain_mode::watch, drain_mode::node), ValuesIn(leaving_and_not()),
                                 Values(target_state::not_ready, target_state::terminating, target_state::api_away)),
                         name_of_row);

using mark_row = std::tuple<drain_mode, node_mark>;

class NodeDrainEnd : public node_drain_fixture, public testing::WithParamInterface<mark_row> {};

TEST_P(NodeDrainEnd, ComesWithTheEndOfWhatCausedIt) {
  const auto& [mode, mark] = GetParam();
  mark.put(api);
  const auto target = start_watching_in(mode);
  ASSERT_EQ(target.ask(), drains);
  mark.take(api);
  EXPECT_EQ(target.ask_until("200 OK"), "200 OK");
  mark.put(api);
  EXPECT_EQ(target.ask_until(drains), drains);
}

INSTANTIATE_TEST_SUITE_P(Of, NodeDrainEnd,
                         Combine(Values(drain_mode::watch, drain_mode::node), ValuesIn(leaving_marks())),
                         [](const auto& tested) {
                           return name_of(std::get<0>(tested.param)) + "_" + std::get<1>(tested.param).name;
                         });

}  // namespace
}  // namespace sidecar::test
