#include "sidecar/health/evaluate.hpp"

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "asked.hpp"

namespace sidecar::health {

// How GoogleTest prints a verdict.
static void PrintTo(const verdict& shown, std::ostream* out) { *out << name(shown.reason); }

namespace {

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream rest(text);
  for (std::string part; std::getline(rest, part, separator);) parts.push_back(part);
  return parts;
}

std::vector<container> containers_of(const std::string& list) {
  static const std::map<char, container::kind> kinds{{'r', container::kind::regular},
                                                     {'n', container::kind::native_sidecar},
                                                     {'i', container::kind::init},
                                                     {'e', container::kind::ephemeral}};
  std::vector<container> made;
  for (const auto& one : split_at(list, ',')) made.push_back({one.substr(2), kinds.at(one[0])});
  return made;
}

std::vector<container_status> statuses_of(const std::string& list) {
  std::vector<container_status> made;
  for (const auto& one : split_at(list, ',')) made.push_back({one.substr(1), one[0] == '+'});
  return made;
}

using text = std::string;
const std::map<text, void (*)(pod&, const text&)> changes_by_word{
    {"deleted", [](pod& p, const text&) { p.deletion_requested = true; }},
    {"killed", [](pod& p, const text&) { p.terminated_by_kubelet = true; }},
    {"restarting", [](pod& p, const text&) { p.all_containers_restarting = true; }},
    {"phase", [](pod& p, const text& value) { p.phase = value; }},
    {"label", [](pod& p, const text& value) { p.maintenance = value; }},
    {"uid", [](pod& p, const text& value) { p.uid = value; }},
    {"Ready", [](pod& p, const text&) { p.ready_is_true = true; }},
    {"Unready",
     [](pod& p, const text& reason) {
       p.ready_is_false = true;
       p.unready_reason = reason;
     }},
    {"ContainersUnready", [](pod& p, const text&) { p.containers_ready_is_true = false; }},
    {"spec", [](pod& p, const text& list) { p.containers = containers_of(list); }},
    {"statuses", [](pod& p, const text& list) { p.statuses = statuses_of(list); }},
    {"inits", [](pod& p, const text& list) { p.init_statuses = statuses_of(list); }},
};

/// A healthy pod with one container of each kind, changed by words: "deleted killed restarting phase=Failed uid=u
/// label=true Ready Unready=Reason ContainersUnready"; "spec=r:game,n:mesh" are its containers, each with the first
/// letter of its kind, "statuses=+game,-web" and "inits=" their statuses, ready or not.
pod make_pod(const std::string& changes) {
  pod subject;
  subject.uid = "uid-1";
  subject.phase = "Running";
  subject.containers = containers_of("i:migrate,n:mesh,r:game,e:debug");
  subject.statuses = statuses_of("+game");
  subject.init_statuses = statuses_of("+migrate,+mesh");
  subject.containers_ready_is_true = true;
  for (const auto& word : split_at(changes, ' ')) {
    const auto key = word.substr(0, word.find('='));
    changes_by_word.at(key)(subject, key == word ? "" : word.substr(key.size() + 1));
  }
  return subject;
}

struct row {
  const char* changes;
  reason expected;
};

void expect_all(const std::vector<row>& rows, const target& wanted = {}) {
  for (const auto& [changes, expected] : rows) {
    SCOPED_TRACE(changes);
    const pod_state truth = make_pod(changes);
    EXPECT_EQ(evaluate(truth, wanted), verdict_of(expected));
    if (wanted.require == requirement::pod || wanted.containers.size() != 1) continue;
    EXPECT_EQ(evaluate_container(truth, wanted.containers.front(), wanted.bound_uid, !wanted.node_drain.empty()),
              verdict_of(expected));
  }
}

TEST(Evaluate, APodThatDoesNotExistIsNotFoundWhateverIsWanted) {
  EXPECT_EQ(evaluate(absent_pod{}, {}), verdict_of(reason::pod_not_found));
  EXPECT_EQ(evaluate(absent_pod{}, asked("game", "uid-1")), verdict_of(reason::pod_not_found));
  EXPECT_EQ(evaluate_container(absent_pod{}, "game", "uid-1"), verdict_of(reason::pod_not_found));
}

TEST(Evaluate, OurOwnPodWithAnotherUidIsReplaced) {
  expect_all({{"", reason::all_containers_ready}, {"uid=", reason::pod_replaced}, {"uid=UID-1", reason::pod_replaced}},
             target{.bound_uid = "uid-1"});
  expect_all({{"", reason::container_ready}, {"uid=uid-0", reason::pod_replaced}}, asked("game", "uid-1"));
}

TEST(Evaluate, APodThatLeavesReadyIsToldFromOneThatLeavesUnready) {
  const std::vector<row> rows{
      {"deleted", reason::pod_terminating},
      {"killed", reason::pod_terminating},
      {"deleted statuses=-game", reason::pod_terminating_unready},
      {"killed statuses=-game", reason::pod_terminating_unready},
      {"deleted statuses=", reason::pod_terminating_unready},
      {"deleted phase=Succeeded", reason::pod_terminating_unready},
      {"deleted phase=Failed", reason::pod_terminating_unready},
      {"deleted Unready", reason::pod_terminating_unready},
  };
  expect_all(rows);
  expect_all(rows, asked("game"));
}

TEST(Evaluate, WhetherAPodLeavesReadyIsAboutWhatIsAskedFor) {
  const auto* sidecar_is_not = "deleted inits=-mesh";
  expect_all({{sidecar_is_not, reason::pod_terminating_unready}});
  expect_all({{sidecar_is_not, reason::pod_terminating}}, asked("game"));
  expect_all({{sidecar_is_not, reason::pod_terminating_unready}}, asked("mesh"));
  expect_all({{sidecar_is_not, reason::pod_terminating_unready}}, asked("lobby"));
  expect_all({{sidecar_is_not, reason::pod_terminating_unready}}, asked_for_the_pod());
}

TEST(Evaluate, AMaintenanceLabelIsADrainWhileTheTargetIsReady) {
  const std::vector<row> rows{{"label=true", reason::maintenance},
                              {"label=true statuses=-game", reason::maintenance_unready},
                              {"label=true statuses=", reason::maintenance_unready},
                              {"label=true phase=Failed", reason::maintenance_unready},
                              {"label=true restarting", reason::maintenance_unready},
                              {"label=true Unready", reason::maintenance_unready},
                              {"label=true deleted", reason::pod_terminating},
                              {"label=true killed", reason::pod_terminating}};
  expect_all(rows);
  expect_all(rows, asked("game"));
  expect_all({{"label=true", reason::maintenance_unready}}, asked_for_the_pod());
  expect_all({{"label=true", reason::pod_replaced}}, asked("game", "uid-0"));
  expect_all({{"label=true", reason::maintenance_unready}}, asked("lobby"));
}

TEST(Evaluate, ANodeThatIsLeavingIsADrainWhileTheTargetIsReady) {
  const auto leaving = [](target wanted) {
    wanted.node_drain = "taint a.example/gone";
    return wanted;
  };
  const std::vector<row> rows{{"", reason::node_draining},
                              {"statuses=-game", reason::node_draining_unready},
                              {"statuses=", reason::node_draining_unready},
                              {"phase=Failed", reason::node_draining_unready},
                              {"phase=Succeeded", reason::node_draining_unready},
                              {"restarting", reason::node_draining_unready},
                              {"Unready", reason::node_draining_unready},
                              {"label=true", reason::node_draining},
                              {"label=true statuses=-game", reason::node_draining_unready},
                              {"deleted", reason::pod_terminating},
                              {"deleted statuses=-game", reason::pod_terminating_unready},
                              {"killed", reason::pod_terminating}};
  expect_all(rows, leaving({}));
  expect_all(rows, leaving(asked("game")));
  expect_all({{"", reason::node_draining_unready}}, leaving(asked_for_the_pod()));
  expect_all({{"", reason::pod_replaced}}, leaving(asked("game", "uid-0")));
  expect_all({{"", reason::node_draining_unready}}, leaving(asked("lobby")));
  EXPECT_EQ(evaluate(absent_pod{}, leaving({})), verdict_of(reason::pod_not_found));
}

TEST(OnLeavingNode, KeepsWhatIsNotThere) {
  for (const auto kept : {reason::pod_not_found, reason::no_pod_on_node, reason::pod_replaced}) {
    EXPECT_EQ(on_leaving_node(kept), kept);
  }
  EXPECT_EQ(on_leaving_node(reason::maintenance), reason::node_draining);
  EXPECT_EQ(on_leaving_node(reason::no_such_container), reason::node_draining_unready);
}

TEST(Evaluate, OnlyTrueIsMaintenance) {
  for (const auto* value : {"", "false", "True", "TRUE", "yes", "1", " true", "true "}) {
    auto subject = make_pod("");
    subject.maintenance = value;
    EXPECT_EQ(evaluate(subject, {}), verdict_of(reason::all_containers_ready)) << value;
  }
}

TEST(Evaluate, APodThatHasEndedOrRestartsIsNotReadyThoughItsContainersSayTheyAre) {
  const std::vector<row> rows{{"phase=Failed", reason::pod_failed},
                              {"phase=Succeeded", reason::pod_succeeded},
                              {"restarting", reason::pod_restarting},
                              {"restarting Ready", reason::pod_restarting}};
  expect_all(rows);
  expect_all(rows, asked("game"));
  expect_all(rows, asked_for_the_pod());
}

TEST(Evaluate, OtherPhasesDecideNothing) {
  for (const auto* phase : {"phase=Running", "phase=Pending", "phase=Unknown", "phase=", "phase=failed"})
    expect_all({{phase, reason::all_containers_ready}});
}

/// What the kubelet and the node controller make of Ready while ContainersReady is True.
TEST(Evaluate, ReadyThatIsFalseBesideReadyContainersMeansALostNodeUnlessAGateIsClosed) {
  expect_all({
      {"Ready", reason::all_containers_ready},
      {"Unready", reason::node_lost},  // True to False with an empty reason: the node controller
      // The kubelet's; a node that is lost then keeps the reason.
      {"Unready=ReadinessGatesNotReady", reason::all_containers_ready},
      {"Unready=ContainersNotReady", reason::node_lost},
      {"", reason::all_containers_ready},                           // Unknown, or no such condition
      {"Unready ContainersUnready", reason::all_containers_ready},  // the conditions lag behind the statuses
      {"ContainersUnready", reason::all_containers_ready},          // no conditions at all
  });
  expect_all({{"Unready", reason::node_lost}}, asked("game"));
}

TEST(Evaluate, TheFirstRowThatMatchesWins) {
  const auto ours = asked("none", "uid-1");
  expect_all({{"uid=uid-0 deleted phase=Failed Unready statuses=", reason::pod_replaced},
              {"deleted phase=Failed Unready statuses=", reason::pod_terminating_unready},
              {"phase=Failed restarting Unready statuses=", reason::pod_failed},
              {"restarting Unready statuses=", reason::pod_restarting},
              {"Unready statuses=", reason::node_lost},
              {"statuses=", reason::no_such_container}},
             ours);
}

TEST(EvaluateTarget, TheContainersOwnReadinessIsTheAnswer) {
  expect_all({{"", reason::container_ready},
              {"statuses=-game", reason::container_not_ready},
              {"inits=-mesh", reason::container_ready},
              {"statuses=", reason::container_status_unknown},
              {"spec=r:game,r:web statuses=+web", reason::container_status_unknown},
              {"statuses= inits=+migrate,+mesh,+game", reason::container_status_unknown},
              {"spec=r:web", reason::no_such_container},
              {"spec=", reason::no_such_container}},
             asked("game"));
}

TEST(EvaluateTarget, ANativeSidecarCountsLikeAContainer) {
  expect_all({{"", reason::container_ready},
              {"inits=-mesh", reason::container_not_ready},
              {"inits=", reason::container_status_unknown},
              {"inits= statuses=+game,+mesh", reason::container_status_unknown}},
             asked("mesh"));
}

TEST(EvaluateTarget, InitAndEphemeralContainersAreNeverReadyWhateverTheirStatusesSay) {
  expect_all({{"", reason::target_is_init_container}}, asked("migrate"));
  expect_all({{"statuses=+debug inits=+debug", reason::target_is_ephemeral}}, asked("debug"));
}

TEST(EvaluateTarget, NamesAreComparedWithoutAsciiCaseAndAnExactOneWins) {
  const struct {
    const char* asked_for;
    const char* changes;
    reason expected;
  } rows[] = {
      {"Game", "", reason::container_ready},
      {"GAME", "", reason::container_ready},
      {"MIGRATE", "", reason::target_is_init_container},
      {"game ", "", reason::no_such_container},
      {"gam", "", reason::no_such_container},
      {"games", "", reason::no_such_container},
      {"A[B", "spec=r:a[b statuses=+a[b", reason::container_ready},
      {"a{b", "spec=r:a[b statuses=+a[b", reason::no_such_container},
      {"game", "spec=r:GAME,r:game statuses=+GAME,-game", reason::container_not_ready},
      {"GAME", "spec=r:GAME,r:game statuses=+GAME,-game", reason::container_ready},
  };
  for (const auto& row : rows) expect_all({{row.changes, row.expected}}, asked(row.asked_for));
}

TEST(EvaluateTargets, AllOfThemMustBeReadyAndTheOneThatNeedsMostIsToldOf) {
  const auto* changes = "spec=i:migrate,n:mesh,r:game,e:debug,r:web,r:lobby statuses=+game,-lobby";
  const struct {
    std::vector<std::string> names;
    reason expected;
  } rows[] = {
      {{"game", "mesh"}, reason::container_ready},
      {{"Mesh", "GAME"}, reason::container_ready},
      {{"game", "lobby"}, reason::container_not_ready},
      {{"lobby", "game"}, reason::container_not_ready},
      {{"game", "web"}, reason::container_status_unknown},
      {{"web", "lobby"}, reason::container_not_ready},
      {{"lobby", "web"}, reason::container_not_ready},
      {{"web", "lobby", "none"}, reason::no_such_container},
      {{"none", "migrate"}, reason::no_such_container},
      {{"migrate", "none"}, reason::target_is_init_container},
      {{"game", "debug", "migrate"}, reason::target_is_ephemeral},
      {{"lobby", "migrate", "debug"}, reason::target_is_init_container},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.names));
    expect_all({{changes, row.expected}}, asked_for_all(row.names));
  }
}

TEST(EvaluatePod, ItsOwnConditionIsTheAnswer) {
  expect_all({{"Ready", reason::pod_ready},
              {"", reason::pod_not_ready},
              {"Unready=ReadinessGatesNotReady", reason::pod_not_ready},
              {"Unready", reason::node_lost},
              {"Ready statuses=", reason::pod_ready},
              {"Ready phase=Failed", reason::pod_failed},
              {"Ready deleted", reason::pod_terminating},
              {"deleted", reason::pod_terminating_unready}},
             asked_for_the_pod());
}

TEST(EvaluateAll, EveryContainerThatCountsMustBeReady) {
  expect_all({
      {"", reason::all_containers_ready},
      {"statuses=-game", reason::container_not_ready},
      {"inits=+migrate,-mesh", reason::container_not_ready},
      {"spec=r:game,r:web statuses=+game,-web", reason::container_not_ready},
      {"statuses=", reason::container_status_unknown},
      {"inits=+migrate", reason::container_status_unknown},
      {"statuses= inits=", reason::container_status_unknown},
      {"statuses=-game inits=", reason::container_not_ready},
      {"spec=", reason::container_status_unknown},
      {"spec=i:migrate", reason::container_status_unknown},
      {"spec=n:mesh", reason::container_status_unknown},
  });
}

TEST(EvaluateAll, OthersDoNotCount) {
  expect_all({
      {"inits=-migrate,+mesh", reason::all_containers_ready},
      {"inits=+mesh", reason::all_containers_ready},
      {"statuses=+game,-debug", reason::all_containers_ready},
      {"statuses=+game,-ghost", reason::all_containers_ready},
  });
}

TEST(EvaluateAll, OddStatusesNeverMakeAPodReady) {
  expect_all({
      {"statuses=+ghost", reason::container_status_unknown},
      {"statuses=+Game", reason::container_status_unknown},
      {"statuses= inits=+migrate,+mesh,+game", reason::container_status_unknown},
      {"inits= statuses=+game,+mesh", reason::container_status_unknown},
      {"statuses=+game,-game", reason::container_not_ready},
      {"statuses=-game,+game", reason::container_not_ready},
      {"statuses=+game,+game", reason::all_containers_ready},
  });
}

}  // namespace
}  // namespace sidecar::health
