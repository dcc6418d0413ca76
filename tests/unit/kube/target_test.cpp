#include "sidecar/kube/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sidecar::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const token_claims bound{"demo", "game-0", "uid-1"};
const namespace_file demo{"demo", ""};
const namespace_file missing{"", "cannot be read: there is no such file"};

struct given {
  std::string hostname{};
  std::string pod_override{};
  std::string namespace_override{};
  token_claims claims{};
  token_state token = token_state::read;
  namespace_file file = demo;
};

std::variant<target_pod, std::vector<std::string>> resolve(const given& one) {
  config::config settings;
  settings.hostname = one.hostname;
  settings.target_pod_override = one.pod_override;
  settings.target_namespace = one.namespace_override;
  return resolve_target(settings, one.claims, one.token, one.file);
}

struct target_row {
  given from;
  std::string pod;
  std::string origin;
  bool has_disagreement = false;
};

TEST(ResolveTarget, TakesTheBestSourceOfPodAndNamespace) {
  const target_row rows[] = {
      {{.hostname = "node-a", .pod_override = "other-0", .claims = bound}, "demo/other-0", "TARGET_POD_OVERRIDE"},
      {{.hostname = "node-a", .claims = bound}, "demo/game-0", "the service-account token", true},
      {{.hostname = "game-0", .claims = bound}, "demo/game-0", "the service-account token"},
      {{.claims = bound}, "demo/game-0", "the service-account token"},
      {{.hostname = "game-7"}, "demo/game-7", "HOSTNAME"},
      {{.hostname = "game-0", .namespace_override = "prod", .token = token_state::missing, .file = missing},
       "prod/game-0",
       "HOSTNAME"},
      {{.hostname = "game-0", .namespace_override = "prod", .token = token_state::unreadable, .file = missing},
       "prod/game-0",
       "HOSTNAME"},
      {{.claims = bound, .file = missing}, "demo/game-0", "the service-account token"},
      {{.claims = bound, .file = {"prod", ""}}, "prod/game-0", "the service-account token"}};
  for (const auto& row : rows) {
    const auto target = std::get<target_pod>(resolve(row.from));
    EXPECT_EQ(to_string(target.pod), row.pod);
    EXPECT_EQ(target.origin, row.origin);
    EXPECT_EQ(target.disagreement.find("node-a") != std::string::npos, row.has_disagreement) << target.disagreement;
  }
}

TEST(ResolveTarget, ListsEveryMistakeAndNoneForATokenThatCouldNotBeRead) {
  const auto mistakes = [](const given& one) { return std::get<std::vector<std::string>>(resolve(one)); };
  EXPECT_THAT(mistakes({}), ElementsAre(HasSubstr("the token is bound to no pod and HOSTNAME is empty")));
  EXPECT_THAT(mistakes({.token = token_state::missing}), ElementsAre(HasSubstr("there is no token that names it")));
  EXPECT_THAT(mistakes({.token = token_state::unreadable}), ElementsAre());
  EXPECT_THAT(mistakes({.hostname = "game-0", .token = token_state::unreadable, .file = missing}), ElementsAre());
  EXPECT_THAT(mistakes({.token = token_state::missing, .file = missing}),
              ElementsAre(HasSubstr("the pod's name is unknown"), HasSubstr("there is no such file")));
  EXPECT_THAT(mistakes({.hostname = "../secrets/x"}), ElementsAre(HasSubstr("which is no pod name")));
  for (const auto& claims : {bound, token_claims{}}) {
    EXPECT_THAT(mistakes({.hostname = "game-0", .claims = claims, .file = {"../x", ""}}),
                ElementsAre(HasSubstr("which is no namespace")));
  }
}

TEST(BoundUid, BelongsToOurOwnPodAlone) {
  EXPECT_EQ(bound_uid({"demo", "game-0"}, bound), "uid-1");
  EXPECT_EQ(bound_uid({"demo", "game-1"}, bound), "");
  EXPECT_EQ(bound_uid({"prod", "game-0"}, bound), "");
  EXPECT_EQ(bound_uid({"demo", "game-0"}, {}), "");
}

}  // namespace
}  // namespace sidecar::kube
