#include "sidecar/doctor/pod_check.hpp"

#include <gmock/gmock.h>

#include "sidecar/doctor/checks.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "unit/doctor/examined_world.hpp"

namespace sidecar::doctor {
namespace {

using health::reason;
using testing::HasSubstr;

json::value tree_of(const test::pod& pod) { return *read_pod_tree(pod.text()); }

TEST(DescribePod, ItsIdentityItsConditionsAndEachContainer) {
  auto pod = sound_pod();
  pod.crash("game").set_condition("Ready", "False", "ContainersNotReady").set_condition("PodScheduled", "True");
  pod.set_condition("DisruptionTarget", "True", "TerminationByKubelet");
  const auto found = describe_pod(tree_of(pod), read_pod_spec(tree_of(pod)));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].what,
            "demo/game-0, uid 37747e0d-0418-4795-89f9-d14d09915292, node node-a, phase Running, conditions "
            "Ready=False (ContainersNotReady), DisruptionTarget=True (TerminationByKubelet)");
  EXPECT_EQ(found[1].what, "health: running, ready");
  EXPECT_EQ(found[1].level, level::ok);
  EXPECT_EQ(found[2].what, "game: waiting (CrashLoopBackOff), not ready, restarted 3 times");
  EXPECT_EQ(found[2].level, level::warn);
}

TEST(DescribePod, WithoutStatusesAndWithInitContainers) {
  test::pod pending{test::pod_spec{.node_name = ""}};
  const auto found = describe_pod(tree_of(pending), read_pod_spec(tree_of(pending)));
  EXPECT_THAT(found[0].what, HasSubstr("node none yet, phase Pending"));
  EXPECT_EQ(found[1].what, "game: no status yet");
  EXPECT_EQ(found[1].level, level::warn);

  test::pod done{test::pod_spec{.init_containers = {{.name = "setup", .image = ""}}}};
  EXPECT_EQ(describe_pod(tree_of(done), read_pod_spec(tree_of(done)))[1].what,
            "setup: terminated (Completed), exit code 0");
}

TEST(CheckTargets, NearMisses) {
  const pod_spec pod{.containers = {{.name = "setup", .type = health::container::kind::init},
                                    {.name = "game"},
                                    {.name = "metrics-exporter"}}};
  struct row {
    std::string wanted;
    std::string hint;  ///< empty: found
  };
  for (const auto& [wanted, hint] : std::vector<row>{{"game", ""},
                                                     {"GAME", ""},
                                                     {"setup", ""},
                                                     {"gmae", "write game in TARGET_CONTAINER instead of gmae"},
                                                     {"games", "write game in"},
                                                     {"metrics-exporters", "write metrics-exporter in"},
                                                     {"database", "write one of these names"}}) {
    config::config settings;
    settings.target_containers = {wanted};
    const auto found = check_targets(pod, settings);
    EXPECT_EQ(found.size(), hint.empty() ? 0U : 1U) << wanted;
    if (found.empty()) continue;
    EXPECT_THAT(found[0].hint, HasSubstr(hint));
    EXPECT_THAT(found[0].what, HasSubstr("are game, metrics-exporter"));
  }
}

TEST(CheckVerdict, AsTheServerAnswers) {
  auto ready = sound_pod();
  auto crashed = sound_pod();
  crashed.crash("game");
  auto leaving = sound_pod();
  leaving.terminate();
  config::config settings;
  settings.unhealthy_status = 503;
  settings.drain_status = 404;
  struct row {
    const test::pod& pod;
    std::string container;
    doctor::level level;
    std::string what;
  };
  for (const auto& [pod, container, level, what] :
       std::vector<row>{{ready, "game", level::ok, "200 ContainerReady"},
                        {crashed, "game", level::warn, "503 ContainerNotReady"},
                        {leaving, "game", level::warn, "404 PodTerminating"},
                        {ready, "gmae", level::fail, "503 NoSuchContainer"}}) {
    const health::pod_state state = *health::parse_pod(pod.text());
    const auto found = check_verdict(state, {.containers = {container}}, settings);
    EXPECT_EQ(found.level, level) << what;
    EXPECT_THAT(found.what, HasSubstr(what));
  }
  const auto replaced = check_verdict(*health::parse_pod(ready.text()), {.bound_uid = "another"}, settings);
  EXPECT_EQ(replaced.level, level::fail);
  EXPECT_THAT(replaced.what, HasSubstr("PodReplaced"));
}

TEST(CheckTokenOwner, HostnameAgainstTheTokensPod) {
  enum class network : std::uint8_t { unknown, own, host, renamed };
  struct row {
    std::string hostname;
    std::string override_name;
    std::string bound;
    network pods;
    std::optional<doctor::level> level;
  };
  const std::string long_name(80, 'x');
  for (const auto& [hostname, override_name, bound, pods, level] : std::vector<row>{
           {"game-0", "", "game-0", network::own, {}},
           {"game-0", "", "game-1", network::own, level::fail},
           {"game-0", "", "game-1", network::unknown, level::warn},
           {"node-a", "", "game-1", network::host, {}},
           {"web", "", "game-1", network::renamed, {}},
           {"game-0", "", "", network::own, {}},
           {"", "", "game-1", network::own, {}},
           {"monitor-0", "game-0", "monitor-1", network::own, {}},
           {"game-0", "game-0", "game-1", network::own, level::fail},
           {long_name.substr(0, 63), "", long_name, network::own, {}},
       }) {
    SCOPED_TRACE(hostname + " " + bound);
    config::config settings;
    settings.hostname = hostname;
    settings.target_pod_override = override_name;
    pod_spec pod{.containers = {}};
    pod.host_network = pods == network::host;
    if (pods == network::renamed) pod.hostname = hostname;
    const auto found = check_token_owner({.namespace_name = "demo", .pod_name = bound, .pod_uid = {}}, settings,
                                         pods == network::unknown ? nullptr : &pod);
    EXPECT_EQ(found ? std::optional{found->level} : std::nullopt, level);
  }
}

TEST(CheckSidecar, AnswersAndAgrees) {
  const auto ready = health::verdict_of(reason::container_ready);
  EXPECT_EQ(check_sidecar({.url = "u", .status = 200, .reason = "OK"}, ready).level, level::ok);
  const auto unready = health::verdict_of(reason::container_not_ready);
  EXPECT_EQ(check_sidecar({.url = "u", .status = 500, .reason = "ContainerNotReady"}, unready).level, level::ok);
  EXPECT_EQ(check_sidecar({.url = "u", .status = 200, .reason = "OK"}, unready).level, level::warn);
  EXPECT_EQ(check_sidecar({.url = "u", .status = 500, .reason = "Draining"}, unready).level, level::warn);
  EXPECT_EQ(check_sidecar({.url = "u", .status = 500, .reason = "ApiForbidden"}, std::nullopt).level, level::ok);
  const auto differs =
      check_sidecar({.url = "u", .status = 500, .reason = "ContainerNotReady", .is_held = true}, ready);
  EXPECT_EQ(differs.level, level::warn);
  EXPECT_EQ(differs.what,
            "u answers 500 ContainerNotReady, held from before, and what was found here is ContainerReady");
  const auto none = check_sidecar({.url = "u", .problem = "Connection refused"}, ready);
  EXPECT_EQ(none.level, level::fail);
  EXPECT_THAT(none.what, HasSubstr("does not answer at u: Connection refused"));
}

}  // namespace
}  // namespace sidecar::doctor
