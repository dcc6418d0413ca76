#include "sidecar/health/evaluate.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

#include "asked.hpp"

namespace sidecar::health {

// How GoogleTest prints a verdict.
static void PrintTo(const verdict& shown, std::ostream* out) { *out << name(shown.reason); }

namespace {

constexpr auto regular = container::kind::regular;
constexpr auto native_sidecar = container::kind::native_sidecar;
constexpr auto init = container::kind::init;
constexpr auto ephemeral = container::kind::ephemeral;

/// A healthy pod with one container of each kind.
pod make_pod(const std::function<void(pod&)>& change = [](pod&) {}) {
  pod subject;
  subject.name = "game-0";
  subject.namespace_name = "demo";
  subject.uid = "uid-1";
  subject.phase = "Running";
  subject.containers = {{"migrate", init}, {"mesh", native_sidecar}, {"game", regular}, {"debug", ephemeral}};
  subject.statuses = {{"game", true}};
  subject.init_statuses = {{"migrate", true}, {"mesh", true}};
  subject.ready_is_false = false;
  subject.containers_ready_is_true = true;
  change(subject);
  return subject;
}

struct row {
  const char* name;
  std::function<void(pod&)> change;
  reason expected;
};

void expect_all(std::initializer_list<row> rows, const target& wanted = {}) {
  for (const row& one : rows) {
    SCOPED_TRACE(one.name);
    const pod_state truth = make_pod(one.change);
    EXPECT_EQ(evaluate(truth, wanted), verdict_of(one.expected));
    if (wanted.require == requirement::pod || wanted.containers.size() != 1) continue;
    EXPECT_EQ(evaluate_container(truth, wanted.containers.front(), wanted.bound_uid), verdict_of(one.expected));
  }
}

TEST(Evaluate, AHealthyPodIsReady) {
  EXPECT_EQ(evaluate(make_pod(), {}), verdict_of(reason::all_containers_ready));
  EXPECT_EQ(evaluate(make_pod(), asked("game")), verdict_of(reason::container_ready));
}

TEST(Evaluate, APodThatDoesNotExistIsNotFoundWhateverIsWanted) {
  EXPECT_EQ(evaluate(absent_pod{}, {}), verdict_of(reason::pod_not_found));
  EXPECT_EQ(evaluate(absent_pod{}, asked("game", "uid-1")), verdict_of(reason::pod_not_found));
  EXPECT_EQ(evaluate_container(absent_pod{}, "game", "uid-1"), verdict_of(reason::pod_not_found));
}

TEST(Evaluate, OurOwnPodWithAnotherUidIsReplaced) {
  EXPECT_EQ(evaluate(make_pod(), target{.bound_uid = "uid-1"}), verdict_of(reason::all_containers_ready));
  EXPECT_EQ(evaluate(make_pod(), target{.bound_uid = "uid-0"}), verdict_of(reason::pod_replaced));
  EXPECT_EQ(evaluate(make_pod(), asked("game", "uid-0")), verdict_of(reason::pod_replaced));
  EXPECT_EQ(evaluate_container(make_pod(), "game", "uid-0"), verdict_of(reason::pod_replaced));
  EXPECT_EQ(evaluate(make_pod(), target{.bound_uid = "UID-1"}), verdict_of(reason::pod_replaced));
  EXPECT_EQ(evaluate(make_pod([](pod& p) { p.uid = ""; }), target{.bound_uid = "uid-1"}),
            verdict_of(reason::pod_replaced));
}

TEST(Evaluate, APodOnItsWayOutIsTerminatingThoughItsContainersAreReady) {
  const std::initializer_list<row> rows = {
      {"deleted", [](pod& p) { p.deletion_requested = true; }, reason::pod_terminating},
      {"killed by the kubelet", [](pod& p) { p.terminated_by_kubelet = true; }, reason::pod_terminating},
  };
  expect_all(rows);
  expect_all(rows, asked("game"));
}

TEST(Evaluate, APodThatLeavesUnreadyIsToldFromOneThatLeavesReady) {
  const auto leaving = [](const std::function<void(pod&)>& change) {
    return [change](pod& p) {
      p.deletion_requested = true;
      change(p);
    };
  };
  const auto leaving_with_its_node = [](pod& p) {
    p.terminated_by_kubelet = true;
    p.statuses = {{"game", false}};
  };
  const auto unready = reason::pod_terminating_unready;
  const std::initializer_list<row> rows = {
      {"a container crashed", leaving([](pod& p) {
         p.statuses = {{"game", false}};
       }),
       unready},
      {"a container crashed on a node that shuts down", leaving_with_its_node, unready},
      {"no statuses yet", leaving([](pod& p) { p.statuses = {}; }), unready},
      {"it has ended", leaving([](pod& p) { p.phase = "Succeeded"; }), unready},
      {"it has failed", leaving([](pod& p) { p.phase = "Failed"; }), unready},
      {"its node is lost", leaving([](pod& p) { p.ready_is_false = true; }), unready},
  };
  expect_all(rows);
  expect_all(rows, asked("game"));
}

TEST(Evaluate, WhetherAPodLeavesReadyIsAboutWhatIsAskedFor) {
  const auto subject = make_pod([](pod& p) {
    p.deletion_requested = true;
    p.init_statuses = {{"mesh", false}};
  });
  EXPECT_EQ(evaluate(subject, {}), verdict_of(reason::pod_terminating_unready));
  EXPECT_EQ(evaluate(subject, asked("game")), verdict_of(reason::pod_terminating));
  EXPECT_EQ(evaluate(subject, asked("mesh")), verdict_of(reason::pod_terminating_unready));
  EXPECT_EQ(evaluate(subject, asked("lobby")), verdict_of(reason::pod_terminating_unready));
  EXPECT_EQ(evaluate(subject, asked_for_the_pod()), verdict_of(reason::pod_terminating_unready));
}

std::function<void(pod&)> under_maintenance(const std::function<void(pod&)>& change = [](pod&) {}) {
  return [change](pod& p) {
    p.maintenance = "true";
    change(p);
  };
}

TEST(Evaluate, AMaintenanceLabelIsADrainWhileTheTargetIsReady) {
  const std::initializer_list<row> rows = {
      {"ready", under_maintenance(), reason::maintenance},
      {"a container crashed", under_maintenance([](pod& p) {
         p.statuses = {{"game", false}};
       }),
       reason::maintenance_unready},
      {"no statuses yet", under_maintenance([](pod& p) { p.statuses = {}; }), reason::maintenance_unready},
      {"failed", under_maintenance([](pod& p) { p.phase = "Failed"; }), reason::maintenance_unready},
      {"restarting", under_maintenance([](pod& p) { p.all_containers_restarting = true; }),
       reason::maintenance_unready},
      {"its node is lost", under_maintenance([](pod& p) { p.ready_is_false = true; }), reason::maintenance_unready},
      {"deleted", under_maintenance([](pod& p) { p.deletion_requested = true; }), reason::pod_terminating},
      {"killed by the kubelet", under_maintenance([](pod& p) { p.terminated_by_kubelet = true; }),
       reason::pod_terminating},
  };
  expect_all(rows);
  expect_all(rows, asked("game"));
  EXPECT_EQ(evaluate(make_pod(under_maintenance()), asked_for_the_pod()), verdict_of(reason::maintenance_unready));
  EXPECT_EQ(evaluate(make_pod(under_maintenance()), asked("game", "uid-0")), verdict_of(reason::pod_replaced));
  EXPECT_EQ(evaluate(make_pod(under_maintenance()), asked("lobby")), verdict_of(reason::maintenance_unready));
}

TEST(Evaluate, OnlyTrueIsMaintenance) {
  for (const auto* value : {"", "false", "True", "TRUE", "yes", "1", " true", "true "}) {
    const auto subject = make_pod([value](pod& p) { p.maintenance = value; });
    EXPECT_EQ(evaluate(subject, {}), verdict_of(reason::all_containers_ready)) << value;
  }
}

TEST(Evaluate, APodThatHasEndedIsNotReadyThoughItsContainersSayTheyAre) {
  const std::initializer_list<row> rows = {
      {"failed", [](pod& p) { p.phase = "Failed"; }, reason::pod_failed},
      {"succeeded", [](pod& p) { p.phase = "Succeeded"; }, reason::pod_succeeded},
  };
  expect_all(rows);
  expect_all(rows, asked("game"));
}

TEST(Evaluate, OtherPhasesDecideNothing) {
  for (const char* phase : {"Running", "Pending", "Unknown", "", "failed", "Succeeded "})
    EXPECT_EQ(evaluate(make_pod([&](pod& p) { p.phase = phase; }), {}), verdict_of(reason::all_containers_ready))
        << phase;
}

TEST(Evaluate, APodWhoseContainersAreAllRestartingIsNotReadyThoughTheySayTheyAre) {
  const std::initializer_list<row> rows = {
      {"restarting", [](pod& p) { p.all_containers_restarting = true; }, reason::pod_restarting},
      {"restarting, by its own condition ready",
       [](pod& p) {
         p.all_containers_restarting = true;
         p.ready_is_true = true;
       },
       reason::pod_restarting},
  };
  expect_all(rows);
  expect_all(rows, asked("game"));
  expect_all(rows, asked_for_the_pod());
}

/// What the kubelet and the node controller make of Ready while ContainersReady is True.
TEST(Evaluate, ReadyThatIsFalseBesideReadyContainersMeansALostNodeUnlessAGateIsClosed) {
  const std::initializer_list<row> rows = {
      {"True", [](pod& p) { p.ready_is_true = true; }, reason::all_containers_ready},
      {"True to False with an empty reason: the node controller", [](pod& p) { p.ready_is_false = true; },
       reason::node_lost},
      {"False with the gates' reason: the kubelet",
       [](pod& p) {
         p.ready_is_false = true;
         p.unready_reason = "ReadinessGatesNotReady";
       },
       reason::all_containers_ready},
      {"the same on a node that is lost: it keeps the reason",
       [](pod& p) {
         p.ready_is_false = true;
         p.unready_reason = "ReadinessGatesNotReady";
       },
       reason::all_containers_ready},
      {"False with another reason",
       [](pod& p) {
         p.ready_is_false = true;
         p.unready_reason = "ContainersNotReady";
       },
       reason::node_lost},
      {"Unknown, or no such condition", [](pod&) {}, reason::all_containers_ready},
      {"False while ContainersReady is not True: the conditions lag behind the statuses",
       [](pod& p) {
         p.ready_is_false = true;
         p.containers_ready_is_true = false;
       },
       reason::all_containers_ready},
      {"no conditions at all", [](pod& p) { p.containers_ready_is_true = false; }, reason::all_containers_ready},
  };
  expect_all(rows);
}

TEST(Evaluate, OnALostNodeNoContainerIsReady) {
  expect_all({{"lost", [](pod& p) { p.ready_is_false = true; }, reason::node_lost}}, asked("game"));
}

TEST(Evaluate, TheFirstRowThatMatchesWins) {
  const auto everything_wrong = [](pod& p) {
    p.deletion_requested = true;
    p.phase = "Failed";
    p.ready_is_false = true;
    p.statuses = {};
  };
  const target replaced = asked("none", "uid-0");
  const target ours = asked("none", "uid-1");
  EXPECT_EQ(evaluate(make_pod(everything_wrong), replaced), verdict_of(reason::pod_replaced));
  EXPECT_EQ(evaluate(make_pod(everything_wrong), ours), verdict_of(reason::pod_terminating_unready));
  const auto not_deleted = [&](pod& p) {
    everything_wrong(p);
    p.deletion_requested = false;
  };
  EXPECT_EQ(evaluate(make_pod(not_deleted), ours), verdict_of(reason::pod_failed));
  const auto running = [&](pod& p) {
    not_deleted(p);
    p.phase = "Running";
  };
  EXPECT_EQ(evaluate(make_pod([&](pod& p) {
                       running(p);
                       p.all_containers_restarting = true;
                     }),
                     ours),
            verdict_of(reason::pod_restarting));
  EXPECT_EQ(evaluate(make_pod(running), ours), verdict_of(reason::node_lost));
  const auto on_a_live_node = [&](pod& p) {
    running(p);
    p.ready_is_false = false;
  };
  EXPECT_EQ(evaluate(make_pod(on_a_live_node), ours), verdict_of(reason::no_such_container));
}

TEST(EvaluateTarget, TheContainersOwnReadinessIsTheAnswer) {
  expect_all(
      {
          {"ready", [](pod&) {}, reason::container_ready},
          {"not ready",
           [](pod& p) {
             p.statuses = {{"game", false}};
           },
           reason::container_not_ready},
          {"another is not ready",
           [](pod& p) {
             p.init_statuses = {{"mesh", false}};
           },
           reason::container_ready},
          {"no status yet", [](pod& p) { p.statuses = {}; }, reason::container_status_unknown},
          {"others have a status",
           [](pod& p) {
             p.containers.push_back({"web", regular});
             p.statuses = {{"web", true}};
           },
           reason::container_status_unknown},
          {"not in the spec",
           [](pod& p) {
             p.containers = {{"web", regular}};
           },
           reason::no_such_container},
          {"no containers at all", [](pod& p) { p.containers = {}; }, reason::no_such_container},
      },
      asked("game"));
}

TEST(EvaluateTarget, ANativeSidecarCountsLikeAContainer) {
  expect_all(
      {
          {"ready", [](pod&) {}, reason::container_ready},
          {"not ready",
           [](pod& p) {
             p.init_statuses = {{"mesh", false}};
           },
           reason::container_not_ready},
          {"no status yet", [](pod& p) { p.init_statuses = {}; }, reason::container_status_unknown},
      },
      asked("mesh"));
}

TEST(EvaluateTarget, AFinishedInitContainerIsNeverTrusted) {
  EXPECT_EQ(evaluate(make_pod(), asked("migrate")), verdict_of(reason::target_is_init_container));
}

TEST(EvaluateTarget, AnEphemeralContainerIsNeverReady) {
  const auto says_ready = [](pod& p) {
    p.statuses.push_back({"debug", true});
    p.init_statuses.push_back({"debug", true});
  };
  EXPECT_EQ(evaluate(make_pod(says_ready), asked("debug")), verdict_of(reason::target_is_ephemeral));
}

TEST(EvaluateTarget, AStatusInTheOtherListIsNotTheContainers) {
  const auto regular_among_init = [](pod& p) {
    p.statuses = {};
    p.init_statuses.push_back({"game", true});
  };
  const auto sidecar_among_regular = [](pod& p) {
    p.statuses.push_back({"mesh", true});
    p.init_statuses = {};
  };
  EXPECT_EQ(evaluate(make_pod(regular_among_init), asked("game")), verdict_of(reason::container_status_unknown));
  EXPECT_EQ(evaluate(make_pod(sidecar_among_regular), asked("mesh")), verdict_of(reason::container_status_unknown));
}

TEST(EvaluateTarget, NamesAreComparedWithoutAsciiCase) {
  EXPECT_EQ(evaluate(make_pod(), asked("Game")), verdict_of(reason::container_ready));
  EXPECT_EQ(evaluate(make_pod(), asked("GAME")), verdict_of(reason::container_ready));
  EXPECT_EQ(evaluate(make_pod(), asked("MIGRATE")), verdict_of(reason::target_is_init_container));
  EXPECT_EQ(evaluate(make_pod(), asked("game ")), verdict_of(reason::no_such_container));
  EXPECT_EQ(evaluate(make_pod(), asked("gam")), verdict_of(reason::no_such_container));
  EXPECT_EQ(evaluate(make_pod(), asked("games")), verdict_of(reason::no_such_container));
}

TEST(EvaluateTarget, OnlyLettersHaveCase) {
  const auto odd_name = [](pod& p) {
    p.containers = {{"a[b", regular}};
    p.statuses = {{"a[b", true}};
  };
  EXPECT_EQ(evaluate(make_pod(odd_name), asked("A[B")), verdict_of(reason::container_ready));
  EXPECT_EQ(evaluate(make_pod(odd_name), asked("a{b")), verdict_of(reason::no_such_container));
}

TEST(EvaluateTarget, AnExactNameWinsOverOneInOtherCase) {
  const auto both = [](pod& p) {
    p.containers = {{"GAME", regular}, {"game", regular}};
    p.statuses = {{"GAME", true}, {"game", false}};
  };
  EXPECT_EQ(evaluate(make_pod(both), asked("game")), verdict_of(reason::container_not_ready));
  EXPECT_EQ(evaluate(make_pod(both), asked("GAME")), verdict_of(reason::container_ready));
}

TEST(EvaluateTargets, AllOfThemMustBeReadyAndTheOneThatNeedsMostIsToldOf) {
  const auto subject = make_pod([](pod& p) {
    p.containers.push_back({"web", regular});
    p.containers.push_back({"lobby", regular});
    p.statuses = {{"game", true}, {"lobby", false}};
  });
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
  for (const auto& row : rows)
    EXPECT_EQ(evaluate(subject, asked_for_all(row.names)), verdict_of(row.expected))
        << testing::PrintToString(row.names);
}

TEST(EvaluatePod, ItsOwnConditionIsTheAnswer) {
  expect_all(
      {
          {"true", [](pod& p) { p.ready_is_true = true; }, reason::pod_ready},
          {"absent or unknown", [](pod&) {}, reason::pod_not_ready},
          {"false, as a readiness gate is closed",
           [](pod& p) {
             p.ready_is_false = true;
             p.unready_reason = "ReadinessGatesNotReady";
           },
           reason::pod_not_ready},
          {"a lost node", [](pod& p) { p.ready_is_false = true; }, reason::node_lost},
          {"true, whatever the containers say",
           [](pod& p) {
             p.ready_is_true = true;
             p.statuses = {};
           },
           reason::pod_ready},
          {"true of a pod that has failed",
           [](pod& p) {
             p.ready_is_true = true;
             p.phase = "Failed";
           },
           reason::pod_failed},
          {"true of a pod that leaves",
           [](pod& p) {
             p.ready_is_true = true;
             p.deletion_requested = true;
           },
           reason::pod_terminating},
          {"absent of a pod that leaves", [](pod& p) { p.deletion_requested = true; }, reason::pod_terminating_unready},
      },
      asked_for_the_pod());
}

TEST(EvaluateAll, EveryContainerThatCountsMustBeReady) {
  expect_all({
      {"a container is not",
       [](pod& p) {
         p.statuses = {{"game", false}};
       },
       reason::container_not_ready},
      {"a native sidecar is not",
       [](pod& p) {
         p.init_statuses = {{"migrate", true}, {"mesh", false}};
       },
       reason::container_not_ready},
      {"the second container is not",
       [](pod& p) {
         p.containers.push_back({"web", regular});
         p.statuses.push_back({"web", false});
       },
       reason::container_not_ready},
      {"a container has no status", [](pod& p) { p.statuses = {}; }, reason::container_status_unknown},
      {"a native sidecar has no status",
       [](pod& p) {
         p.init_statuses = {{"migrate", true}};
       },
       reason::container_status_unknown},
      {"no statuses at all",
       [](pod& p) {
         p.statuses = {};
         p.init_statuses = {};
       },
       reason::container_status_unknown},
      {"one without a status and one not ready",
       [](pod& p) {
         p.init_statuses = {};
         p.statuses = {{"game", false}};
       },
       reason::container_not_ready},
  });
}

TEST(EvaluateAll, OthersDoNotCount) {
  expect_all({
      {"an init container that has not finished",
       [](pod& p) {
         p.init_statuses = {{"migrate", false}, {"mesh", true}};
       },
       reason::all_containers_ready},
      {"an init container without a status",
       [](pod& p) {
         p.init_statuses = {{"mesh", true}};
       },
       reason::all_containers_ready},
      {"an ephemeral container with a status of its own",
       [](pod& p) {
         p.statuses.push_back({"debug", false});
       },
       reason::all_containers_ready},
      {"a status of a container that is not in the spec",
       [](pod& p) {
         p.statuses.push_back({"ghost", false});
       },
       reason::all_containers_ready},
  });
}

TEST(EvaluateAll, OddStatusesNeverMakeAPodReady) {
  expect_all({
      {"ready only under a name that is not in the spec",
       [](pod& p) {
         p.statuses = {{"ghost", true}};
       },
       reason::container_status_unknown},
      {"ready only in another case",
       [](pod& p) {
         p.statuses = {{"Game", true}};
       },
       reason::container_status_unknown},
      {"ready only in the init containers' list",
       [](pod& p) {
         p.statuses = {};
         p.init_statuses.push_back({"game", true});
       },
       reason::container_status_unknown},
      {"a native sidecar ready only in the containers' list",
       [](pod& p) {
         p.init_statuses = {};
         p.statuses.push_back({"mesh", true});
       },
       reason::container_status_unknown},
      {"twice, first ready and then not",
       [](pod& p) {
         p.statuses = {{"game", true}, {"game", false}};
       },
       reason::container_not_ready},
      {"twice, first not and then ready",
       [](pod& p) {
         p.statuses = {{"game", false}, {"game", true}};
       },
       reason::container_not_ready},
  });
}

TEST(EvaluateAll, TwoStatusesThatAgreeAreAsGoodAsOne) {
  expect_all({{"both ready",
               [](pod& p) {
                 p.statuses = {{"game", true}, {"game", true}};
               },
               reason::all_containers_ready}});
}

TEST(EvaluateAll, APodWithoutContainersIsNotReady) {
  expect_all({
      {"nothing", [](pod& p) { p.containers = {}; }, reason::container_status_unknown},
      {"an init container only",
       [](pod& p) {
         p.containers = {{"migrate", init}};
       },
       reason::container_status_unknown},
      {"a native sidecar only",
       [](pod& p) {
         p.containers = {{"mesh", native_sidecar}};
       },
       reason::container_status_unknown},
  });
}

}  // namespace
}  // namespace sidecar::health
