#include "sidecar/doctor/examine.hpp"

#include <gmock/gmock.h>

#include "sidecar/doctor/checks.hpp"
#include "support/certificates.hpp"
#include "support/faults.hpp"
#include "unit/doctor/examined_world.hpp"

namespace sidecar::doctor {
namespace {

using testing::HasSubstr;
using testing::Not;

test::answer html(int status) {
  test::answer page;
  page.status = status;
  page.content_type = "text/html";
  page.body = std::make_shared<const std::string>("<html><body><h1>Sign in to the proxy</h1></body></html>");
  return page;
}

void use_token(examined_world& world, const test::token_claims& claims) {
  world.files.rotate(test::make_token(claims), world.server.ca());
}

test::pod::json& game(test::pod& pod) { return pod.document()["spec"]["containers"][0]; }
test::pod::json& health_container(test::pod& pod) { return pod.document()["spec"]["initContainers"][0]; }

struct mistake {
  std::string name;
  std::function<void(examined_world&)> plant;
  std::string_view check;
  level severity;
  std::string fact;
  std::string hint;
};

void PrintTo(const mistake& one, std::ostream* out) { *out << one.name; }

class PlantedMistake : public testing::TestWithParam<mistake> {};

TEST_P(PlantedMistake, IsNamedWithItsRemedy) {
  const auto& planted = GetParam();
  examined_world world;
  planted.plant(world);

  const auto found = world.examine();

  SCOPED_TRACE(render_text(found));
  const auto* trouble = trouble_in(found, planted.check);
  ASSERT_NE(trouble, nullptr);
  EXPECT_EQ(trouble->level, planted.severity);
  EXPECT_THAT(trouble->what, HasSubstr(planted.fact));
  EXPECT_THAT(trouble->hint, HasSubstr(planted.hint));
  EXPECT_EQ(has_failed(found), planted.severity == level::fail);
  EXPECT_LE(world.server.counts().requests, 10U);
}

const std::vector<mistake>& mistakes() {
  static const std::vector<mistake> table{
      {"ExpiredToken", [](auto& world) { use_token(world, {.lifetime = -std::chrono::hours{366 * 24}}); },
       checks::token, level::fail, "the token expired 24h ago", "projected volume"},
      {"TokenOfAnotherPod",
       [](auto& world) {
         world.server.put_pod(sound_pod("game-1", "f0000000-0418-4795-89f9-d14d09915292"));
         const test::token_claims other{.pod_name = "game-1", .pod_uid = "f0000000-0418-4795-89f9-d14d09915292"};
         world.files.rotate(world.server.add_token(other), world.server.ca());
       },
       checks::token, level::fail, "the token is bound to pod game-1, and this is pod game-0", "mount this pod's own"},
      {"MissingRole", [](auto& world) { world.server.deny(); }, checks::permissions, level::fail,
       "system:serviceaccount:demo:sidecar may not get the pod demo/game-0",
       "kubectl create role health-sidecar --verb=get --resource=pods -n demo && kubectl create rolebinding "
       "health-sidecar --role=health-sidecar --serviceaccount=demo:sidecar -n demo"},
      {"RoleForAnotherPod",
       [](auto& world) {
         world.server.deny();
         world.server.allow({.name = "game-1"});
       },
       checks::permissions, level::fail, "only the resourceNames game-1", "add game-0 to the Role's resourceNames"},
      {"WrongCa", [](auto& world) { world.files.rotate(world.token, test::certificate_authority{"another"}.pem()); },
       checks::tls, level::fail, "issued by CN = kubernetes", "put the cluster's own CA into ca.crt"},
      {"AddressNotInCertificate", [](auto& world) { world.server.inject(test::with_flaw(test::tls_flaw::wrong_name)); },
       checks::tls, level::fail, "mismatch", "issued for 127.0.0.1 too"},
      {"UnreachableApi", [](auto& world) { world.server.stop(); }, checks::tcp, level::fail, "Connection refused",
       "network policies"},
      {"MisspeltContainer",
       [](auto& world) { world.change_pod([](auto& pod) { health_container(pod)["env"][0]["value"] = "gmae"; }); },
       checks::target, level::fail, "TARGET_CONTAINER names gmae", "write game in TARGET_CONTAINER instead of gmae"},
      {"NoReadinessProbe", [](auto& world) { world.change_pod([](auto& pod) { game(pod).erase("readinessProbe"); }); },
       checks::spec, level::warn, "container game has no readinessProbe", "give container game a readinessProbe"},
      {"ProbeOfHealthPath",
       [](auto& world) {
         world.change_pod([](auto& pod) { health_container(pod)["livenessProbe"]["httpGet"]["path"] = "/healthz"; });
       },
       checks::spec, level::warn, "the livenessProbe of container health queries /healthz", "/livez"},
      {"LongDrain",
       [](auto& world) { world.change_pod([](auto& pod) { health_container(pod)["args"] = {"--drain=40s"}; }); },
       checks::spec, level::warn, "DRAIN is 40s, and terminationGracePeriodSeconds is 30", "set DRAIN below it"},
      {"SidecarNotLast",
       [](auto& world) {
         world.change_pod([](auto& pod) {
           pod.document()["spec"]["initContainers"].push_back({{"name", "setup"}, {"image", "example/setup:1"}});
         });
       },
       checks::spec, level::warn, "health is not the last init container: setup follows", "move health to the end"},
      {"PortClash",
       [](auto& world) {
         world.change_pod([](auto& pod) { game(pod)["ports"].push_back({{"containerPort", 3000}}); });
       },
       checks::spec, level::warn, "container game declares port 3000", "set LISTEN to another port, such as :3001"},
      {"ReadinessWaitsForTheSidecar",
       [](auto& world) {
         world.change_pod([](auto& pod) {
           health_container(pod)["args"] = {"--status-listen=[::]:3002"};
           game(pod)["readinessProbe"] = {{"httpGet", {{"path", "/readyz"}, {"port", 3002}}}};
         });
       },
       checks::spec, level::fail, "the readinessProbe of container game queries /readyz", "container's own port"},
      {"StatusPortOnTheNode",
       [](auto& world) {
         world.change_pod([](auto& pod) {
           health_container(pod)["args"] = {"--status-listen=[::]:3002"};
           health_container(pod)["ports"].push_back({{"containerPort", 3002}, {"hostPort", 13002}});
         });
       },
       checks::spec, level::warn, "by hostPort 13002", "remove the hostPort"},
      {"ClockOffByAnHour", [](auto& world) { world.clock_error = std::chrono::hours{1}; }, checks::clock, level::fail,
       "this node's clock is 60m ahead of the API server's", "NTP"},
      {"ProxyAnswersHtml", [](auto& world) { world.server.inject(test::reply_with([] { return html(200); })); },
       checks::api, level::fail, "Sign in to the proxy", "no proxy in between"},
  };
  return table;
}

INSTANTIATE_TEST_SUITE_P(Examine, PlantedMistake, testing::ValuesIn(mistakes()),
                         [](const auto& one) { return one.param.name; });

TEST(Examine, SaysNothingOfASoundPod) {
  examined_world world;

  const auto found = world.examine();

  EXPECT_TRUE(std::ranges::all_of(found, [](const auto& one) { return one.level == level::ok && one.hint.empty(); }))
      << render_text(found);
  EXPECT_EQ(std::ranges::count(found, checks::spec, &finding::check), 1) << render_text(found);
  EXPECT_EQ(world.last.verdict, health::verdict_of(health::reason::container_ready));
  EXPECT_EQ(world.server.counts().requests, 5U) << "three access reviews, who we are, and the pod";
}

TEST(Examine, AsksWithTheServersTokenAndName) {
  examined_world world;

  world.examine();

  for (const auto& one : world.server.requests()) {
    EXPECT_EQ(one.authorization, "Bearer " + world.token) << one.target;
    EXPECT_THAT(one.head, HasSubstr(" doctor\r\n"));
  }
}

TEST(Examine, ReadsTheOptionsOfItsOwnContainer) {
  examined_world world;
  world.change_pod([](auto& pod) { health_container(pod)["args"] = {"--listen", ":3100", "--drain=3s"}; });

  world.examine();

  EXPECT_EQ(world.last.settings.listen.port, 3100);
  EXPECT_EQ(world.last.settings.drain, std::chrono::seconds{3});
  EXPECT_EQ(world.last.settings.target_containers, std::vector<std::string>{"game"}) << "from its environment";
}

struct api_trouble {
  health::reason reason;
  std::function<void(examined_world&)> plant;
};

/// A reason for which no request reaches the API server, and the checks that find its cause.
struct lead {
  health::reason reason;
  std::vector<std::string_view> found_by;
};

/// Every Api... reason; docs/operations.md has the same table, and a test compares them.
const std::vector<lead> leads{
    lead{health::reason::api_unreachable, {checks::lookup, checks::tcp, checks::tls}},
    lead{health::reason::api_untrusted, {checks::tls, checks::ca}},
    lead{health::reason::api_timeout, {checks::lookup, checks::tcp, checks::api}},
    lead{health::reason::api_unauthorized, {checks::identity, checks::token}},
    lead{health::reason::api_forbidden, {checks::permissions, checks::identity}},
    lead{health::reason::api_busy, {checks::api}},
    lead{health::reason::api_error, {checks::api}},
    lead{health::reason::api_protocol, {checks::api}},
};

/// Each Api... reason, made to happen: doctor fails in a check that leads to it.
TEST(Examine, FailsWhereEachApiReasonLeads) {
  const std::vector<api_trouble> table{
      {health::reason::api_unreachable, [](auto& world) { world.server.stop(); }},
      {health::reason::api_untrusted,
       [](auto& world) { world.server.inject(test::with_flaw(test::tls_flaw::self_signed)); }},
      {health::reason::api_timeout,
       [](auto& world) {
         world.variables["HTTP_HEALTHCHECK_SIDECAR_API_TIMEOUT"] = "300ms";
         world.server.inject(test::silence_at(test::phase::request));
       }},
      {health::reason::api_unauthorized, [](auto& world) { world.server.revoke_token(world.token); }},
      {health::reason::api_forbidden, [](auto& world) { world.server.deny(); }},
      {health::reason::api_busy, [](auto& world) { world.server.inject(test::too_many_requests()); }},
      {health::reason::api_error, [](auto& world) { world.server.inject(test::refused(500)); }},
      {health::reason::api_protocol,
       [](auto& world) { world.server.inject(test::for_gets(test::reply_with([] { return html(404); }))); }},
  };
  const auto first = static_cast<std::size_t>(health::reason::api_unreachable);
  ASSERT_EQ(table.size(), health::reason_count - first);
  ASSERT_EQ(leads.size(), table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    SCOPED_TRACE(name(table[i].reason));
    EXPECT_EQ(static_cast<std::size_t>(leads[i].reason), first + i);
    EXPECT_EQ(leads[i].reason, table[i].reason);
    examined_world world;
    table[i].plant(world);
    const auto found = world.examine();
    EXPECT_TRUE(std::ranges::any_of(leads[i].found_by, [&found](const auto check) {
      const auto* trouble = trouble_in(found, check);
      return trouble != nullptr && trouble->level == level::fail && !trouble->hint.empty();
    })) << render_text(found);
    EXPECT_NE(trouble_in(found, checks::skipped), nullptr) << render_text(found);
  }
}

/// An administrator may take the reviews away (the ClusterRole system:basic-user emptied), and an API server before
/// 1.28 does not know SelfSubjectReview: then the pod itself tells.
TEST(Examine, WhatCannotBeAskedIsNoRefusal) {
  for (const int status : {403, 404}) {
    examined_world world;
    const auto refuse = [status] {
      return status == 403 ? test::make_status(403, "Forbidden", "cannot create resource \"selfsubjectreviews\"", "{}")
                           : test::make_status(404, "NotFound", "the server could not find the requested resource");
    };
    world.server.inject(test::times(2, test::reply_with(refuse)));

    const auto found = world.examine();

    EXPECT_FALSE(has_failed(found)) << render_text(found);
    EXPECT_EQ(std::ranges::count_if(found, [](const auto& one) { return one.what.starts_with("cannot ask"); }), 2);
    EXPECT_NE(std::ranges::find(found, checks::verdict, &finding::check), found.end()) << render_text(found);
  }
}

TEST(Examine, TheRequestForThePodTellsWhatReviewsCannot) {
  examined_world world;
  world.server.deny();
  const auto refuse = [] { return test::make_status(403, "Forbidden", "no", "{}"); };
  world.server.inject(test::times(2, test::reply_with(refuse)));

  const auto found = world.examine();

  const auto* trouble = trouble_in(found, checks::permissions);
  ASSERT_NE(trouble, nullptr) << render_text(found);
  EXPECT_THAT(trouble->hint, HasSubstr("--serviceaccount=demo:sidecar")) << "from the token";
}

TEST(Examine, AProxysRefusalIsNotTheApiServers) {
  examined_world world;
  world.server.inject(test::reply_with([] { return html(403); }));

  const auto found = world.examine();

  EXPECT_NE(trouble_in(found, checks::api), nullptr) << render_text(found);
}

TEST(Examine, WatchNeedsListAndWatch) {
  examined_world world;
  world.server.grant("watch", false);

  EXPECT_FALSE(has_failed(world.examine()));
  EXPECT_EQ(trouble_in(world.examine(), checks::permissions), nullptr) << "live needs get alone";
  world.variables["HTTP_HEALTHCHECK_SIDECAR_SOURCE"] = "watch";
  const auto found = world.examine();

  const auto* trouble = trouble_in(found, checks::permissions);
  ASSERT_NE(trouble, nullptr);
  EXPECT_EQ(trouble->level, level::warn);
  EXPECT_THAT(trouble->what, HasSubstr("may not watch the pod"));
  EXPECT_THAT(trouble->hint, HasSubstr("--verb=get,list,watch"));
}

TEST(Examine, APodThatIsGone) {
  examined_world world;
  world.server.delete_pod();

  const auto found = world.examine();

  const auto* trouble = trouble_in(found, checks::pod);
  ASSERT_NE(trouble, nullptr) << render_text(found);
  EXPECT_THAT(trouble->what, HasSubstr("PodNotFound"));
}

TEST(Examine, MaintenanceIsTheVerdictOfTheContainersOwnLabel) {
  examined_world world;
  world.change_pod([](auto& pod) {
    pod.document()["metadata"]["labels"]["example.com/out"] = "true";
    health_container(pod)["args"] = {"--maintenance-label=example.com/out"};
  });

  const auto found = world.examine();

  EXPECT_EQ(world.last.verdict, health::verdict_of(health::reason::maintenance)) << render_text(found);
  EXPECT_FALSE(has_failed(found));
}

TEST(Examine, TheNodeIsReadAsTheContainersOwnOptionsSay) {
  examined_world world;
  world.server.update_node("node-a", [](test::node& one) { one.set_taint("gone"); });
  world.examine();
  EXPECT_TRUE(world.server.node_requests().empty()) << "NODE_DRAIN is off";
  EXPECT_EQ(world.last.verdict, health::verdict_of(health::reason::container_ready));

  world.change_pod([](auto& pod) {
    health_container(pod)["args"] = {"--node-drain=true", "--node-drain-taints=other,gone"};
  });
  world.examine();
  const auto* leaving = trouble_in(world.last.found, checks::node);
  ASSERT_NE(leaving, nullptr);
  EXPECT_EQ(leaving->what, "node-a is leaving (taint gone): answers are NodeDraining");
  EXPECT_EQ(world.last.verdict, health::verdict_of(health::reason::node_draining));
  EXPECT_FALSE(has_failed(world.last.found));

  world.server.allow_nodes({});
  world.examine();
  const auto* denied = trouble_in(world.last.found, checks::node);
  ASSERT_NE(denied, nullptr);
  EXPECT_THAT(denied->what, HasSubstr("may not get the node node-a: answers do not say that it is leaving"));
  EXPECT_EQ(world.last.verdict, health::verdict_of(health::reason::container_ready));

  world.server.allow_nodes({"get", "list"});
  world.change_pod([](auto& pod) { health_container(pod)["args"] = {"--node-drain=true", "--source=watch"}; });
  world.examine();
  const auto* unwatched = trouble_in(world.last.found, checks::node);
  ASSERT_NE(unwatched, nullptr);
  EXPECT_THAT(unwatched->what, HasSubstr("may not list and watch nodes"));
}

TEST(Examine, HostNetworkExplainsAnotherHostname) {
  examined_world world;
  world.variables["HOSTNAME"] = "node-a";
  EXPECT_NE(trouble_in(world.examine(), checks::token), nullptr);
  world.change_pod([](auto& pod) { pod.document()["spec"]["hostNetwork"] = true; });
  EXPECT_EQ(trouble_in(world.examine(), checks::token), nullptr);
}

/// Not the token, wherever it may be repeated, and no value of a variable that is no option.
TEST(Examine, NoSecretIsShown) {
  examined_world world;
  world.variables["DATABASE_PASSWORD"] = "correct horse";
  world.change_pod([](auto& pod) {
    game(pod)["env"] = {{{"name", "GAME_SECRET"}, {"value", "battery staple"}}};
    health_container(pod)["env"].push_back({{"name", "OTHER"}, {"value", "xkcd 936"}});
    health_container(pod)["args"] = {"--stale-grace=5s", "--password=hunter2"};
  });
  const auto echo = [&world] {
    return test::make_status(500, "InternalError", "you sent Bearer " + world.token, "{}");
  };
  std::vector<findings> all{world.examine()};
  world.server.inject(test::for_gets(test::reply_with(echo)));
  all.push_back(world.examine());
  world.server.clear_faults();
  world.server.inject(test::reply_with(echo));
  all.push_back(world.examine());

  const std::string signature = world.token.substr(world.token.rfind('.') + 1);
  for (const auto& found : all) {
    for (const auto& text : {render_text(found), render_json(found)}) {
      for (const auto& secret : {world.token, signature, signature.substr(0, 32), std::string{"correct horse"},
                                 std::string{"battery staple"}, std::string{"xkcd 936"}, std::string{"hunter2"}}) {
        EXPECT_THAT(text, Not(HasSubstr(secret)));
      }
    }
  }
  EXPECT_THAT(render_text(all[1]), HasSubstr("you sent Bearer ***"));
}

TEST(Examine, StateOverrideNeedsNoApiServer) {
  examined_world world;
  world.variables["HTTP_HEALTHCHECK_SIDECAR_STATE_OVERRIDE"] = "true";

  const auto found = world.examine();

  EXPECT_EQ(world.server.counts().accepted, 0U);
  EXPECT_NE(trouble_in(found, checks::verdict), nullptr);
}

TEST(Examine, OutsideAPodThroughKubectlProxy) {
  test::api_server plain({.tls = false});
  plain.put_pod(sound_pod());
  plain.accept_token("", "nobody");
  examined_world world;
  world.variables.clear();
  world.variables["HTTP_HEALTHCHECK_SIDECAR_API_SERVER"] = "http://127.0.0.1:" + std::to_string(plain.port());
  world.variables["HTTP_HEALTHCHECK_SIDECAR_TARGET_POD_OVERRIDE"] = "game-0";
  world.variables["HTTP_HEALTHCHECK_SIDECAR_TARGET_NAMESPACE"] = "demo";
  world.variables["HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR"] = (world.directory.path() / "none").string();

  const auto found = world.examine();

  EXPECT_EQ(trouble_in(found, checks::token), nullptr) << render_text(found);
  EXPECT_EQ(trouble_in(found, checks::tls), nullptr) << render_text(found);
  for (const auto& one : plain.requests()) EXPECT_EQ(one.authorization, "");
}

TEST(Examine, WithoutFilesNothingIsSent) {
  examined_world world;
  world.variables["HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR"] = (world.directory.path() / "none").string();
  world.variables["HTTP_HEALTHCHECK_SIDECAR_TARGET_NAMESPACE"] = "demo";

  const auto found = world.examine();

  EXPECT_EQ(trouble_in(found, checks::token)->level, level::fail);
  EXPECT_EQ(trouble_in(found, checks::ca)->level, level::fail);
  EXPECT_THAT(trouble_in(found, checks::skipped)->what, HasSubstr("lookup, tcp, tls"));
  EXPECT_EQ(world.server.counts().accepted, 0U);
}

}  // namespace
}  // namespace sidecar::doctor
