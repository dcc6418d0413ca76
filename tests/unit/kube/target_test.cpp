#include "sidecar/kube/target.hpp"

#include <gtest/gtest.h>

namespace sidecar::kube {
namespace {

const token_claims bound{"demo", "game-0", "uid-1"};
const namespace_file demo{"demo", ""};
const namespace_file missing{"", "cannot be read: there is no such file"};

config::config with_hostname(std::string hostname) {
  config::config settings;
  settings.hostname = std::move(hostname);
  return settings;
}

target_pod found(const std::variant<target_pod, std::vector<std::string>>& outcome) {
  EXPECT_TRUE(std::holds_alternative<target_pod>(outcome));
  return std::holds_alternative<target_pod>(outcome) ? std::get<target_pod>(outcome) : target_pod{};
}

std::size_t errors(const std::variant<target_pod, std::vector<std::string>>& outcome) {
  const auto* list = std::get_if<std::vector<std::string>>(&outcome);
  return list ? list->size() : 0;
}

TEST(ResolveTarget, OverrideWins) {
  auto settings = with_hostname("node-a");
  settings.target_pod_override = "other-0";
  const auto target = found(resolve_target(settings, bound, token_state::read, demo));
  EXPECT_EQ(to_string(target.pod), "demo/other-0");
  EXPECT_EQ(target.origin, "TARGET_POD_OVERRIDE");
  EXPECT_EQ(target.disagreement, "");
}

TEST(ResolveTarget, TokenIsBelievedBeforeHostnameAndTheDisagreementIsSaid) {
  const auto target = found(resolve_target(with_hostname("node-a"), bound, token_state::read, demo));
  EXPECT_EQ(target.pod.name, "game-0");
  EXPECT_NE(target.disagreement.find("node-a"), std::string::npos);
  EXPECT_EQ(found(resolve_target(with_hostname("game-0"), bound, token_state::read, demo)).disagreement, "");
  EXPECT_EQ(found(resolve_target(with_hostname(""), bound, token_state::read, demo)).disagreement, "");
}

TEST(ResolveTarget, HostnameIsTheLastResort) {
  const auto target = found(resolve_target(with_hostname("game-7"), {}, token_state::read, demo));
  EXPECT_EQ(target.pod.name, "game-7");
  EXPECT_EQ(target.origin, "HOSTNAME");
}

TEST(ResolveTarget, ConfiguredNamespaceNeedsNoFile) {
  auto settings = with_hostname("game-0");
  settings.target_namespace = "prod";
  EXPECT_EQ(to_string(found(resolve_target(settings, {}, token_state::missing, missing)).pod), "prod/game-0");
}

TEST(ResolveTarget, WithoutANamespaceFileTheTokensClaimServes) {
  EXPECT_EQ(to_string(found(resolve_target({}, bound, token_state::read, missing)).pod), "demo/game-0");
  EXPECT_EQ(found(resolve_target({}, bound, token_state::read, {"prod", ""})).pod.namespace_name, "prod");
  EXPECT_EQ(errors(resolve_target({}, bound, token_state::read, {"../x", ""})), 1U) << "the file is there, and wrong";
}

std::string all_mistakes(const std::variant<target_pod, std::vector<std::string>>& outcome) {
  std::string text;
  for (const auto& one : std::get<std::vector<std::string>>(outcome)) text += one + '\n';
  return text;
}

TEST(ResolveTarget, OnlyATokenThatWasReadIsSaidToBeBoundToNoPod) {
  const auto of = [](token_state token) { return all_mistakes(resolve_target({}, {}, token, demo)); };
  EXPECT_NE(of(token_state::read).find("the token is bound to no pod and HOSTNAME is empty"), std::string::npos);
  EXPECT_NE(of(token_state::missing).find("there is no token that names it"), std::string::npos);
  EXPECT_EQ(of(token_state::unreadable), "");
}

TEST(ResolveTarget, WhatAnUnreadableTokenMaySayIsNoMistakeAndNoTarget) {
  EXPECT_EQ(all_mistakes(resolve_target(with_hostname("game-0"), {}, token_state::unreadable, missing)), "");
  auto settings = with_hostname("game-0");
  settings.target_namespace = "prod";
  EXPECT_EQ(to_string(found(resolve_target(settings, {}, token_state::unreadable, missing)).pod), "prod/game-0");
}

TEST(ResolveTarget, EveryMistakeIsListed) {
  EXPECT_EQ(errors(resolve_target(with_hostname(""), {}, token_state::missing, missing)), 2U);
  EXPECT_EQ(errors(resolve_target(with_hostname("../secrets/x"), {}, token_state::missing, demo)), 1U);
  EXPECT_EQ(errors(resolve_target(with_hostname("game-0"), {}, token_state::missing, {"../x", ""})), 1U);
}

TEST(BoundUid, BelongsToOurOwnPodAlone) {
  EXPECT_EQ(bound_uid({"demo", "game-0"}, bound), "uid-1");
  EXPECT_EQ(bound_uid({"demo", "game-1"}, bound), "");
  EXPECT_EQ(bound_uid({"prod", "game-0"}, bound), "");
  EXPECT_EQ(bound_uid({"demo", "game-0"}, {}), "");
}

}  // namespace
}  // namespace sidecar::kube
