#include "sidecar/net/lookup_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace sidecar::net {
namespace {

using outcome = lookup_plan::outcome;
using step = lookup_plan::step;

/// "game.example@1", or "game.example@hosts".
std::string written(const step& one) {
  return one.name + '@' + (one.nameserver ? std::to_string(*one.nameserver) : "hosts");
}

/// The steps of a lookup, joined by blanks, when each comes to what `come_to` says of it.
std::string steps_of(const std::string& host, const resolver_settings& settings,
                     const std::function<outcome(const step&)>& come_to) {
  lookup_plan plan(host, settings);
  std::string all;
  constexpr int more_than_any = 100;
  for (int count = 0; count < more_than_any; ++count) {
    const auto next = plan.next();
    if (!next) return all;
    all += (all.empty() ? "" : " ") + written(*next);
    plan.note(next->nameserver ? come_to(*next) : outcome::failed);
  }
  return "no end: " + all;
}

const resolver_settings in_a_pod{.ndots = 5, .search = {"demo.svc.x", "svc.x"}, .nameservers = 1};
const resolver_settings on_a_host{.ndots = 1, .search = {"corp"}, .nameservers = 3};

outcome all_absent(const step&) { return outcome::absent; }
outcome all_silent(const step&) { return outcome::silent; }
outcome all_failed(const step&) { return outcome::failed; }

TEST(LookupPlan, LooksIntoTheHostsFileFirst) {
  lookup_plan plan("api.example", in_a_pod);
  EXPECT_EQ(plan.next(), (step{"api.example", std::nullopt}));
  plan.note(outcome::found);
  EXPECT_EQ(plan.next(), std::nullopt);
}

TEST(LookupPlan, IsOverWithTheFirstNameThatIsFound) {
  const auto second_is_there = [](const step& one) {
    return one.name == "api.svc.x" ? outcome::found : outcome::absent;
  };
  EXPECT_EQ(steps_of("api", in_a_pod, second_is_there), "api@hosts api.demo.svc.x@0 api.svc.x@0");
}

TEST(LookupPlan, TriesNamesInTheOrderOfTheCLibrary) {
  EXPECT_EQ(steps_of("a.b", in_a_pod, all_absent), "a.b@hosts a.b.demo.svc.x@0 a.b.svc.x@0 a.b@0");
  EXPECT_EQ(steps_of("a.b.c.d.e.f", in_a_pod, all_absent),
            "a.b.c.d.e.f@hosts a.b.c.d.e.f@0 a.b.c.d.e.f.demo.svc.x@0 a.b.c.d.e.f.svc.x@0");
  EXPECT_EQ(steps_of("a", on_a_host, all_absent), "a@hosts a.corp@0 a@0");
  EXPECT_EQ(steps_of("a.b", on_a_host, all_absent), "a.b@hosts a.b@0 a.b.corp@0");
  EXPECT_EQ(steps_of("a", {.ndots = 1, .search = {}, .nameservers = 1}, all_absent), "a@hosts a@0");
}

TEST(LookupPlan, NameThatEndsInADotIsLookedUpAsItIsAndFoundInTheHostsFileWithoutIt) {
  EXPECT_EQ(steps_of("api.example.", in_a_pod, all_absent), "api.example@hosts api.example.@0");
}

TEST(LookupPlan, SilentNameserverIsNotAskedAgain) {
  EXPECT_EQ(steps_of("a.b", in_a_pod, all_silent), "a.b@hosts a.b.demo.svc.x@0");
  EXPECT_EQ(steps_of("a.b", on_a_host, all_silent), "a.b@hosts a.b@0 a.b@1 a.b@2");
  const auto first_is_silent = [](const step& one) {
    return one.nameserver == std::size_t{0} ? outcome::silent : outcome::absent;
  };
  EXPECT_EQ(steps_of("a.b", on_a_host, first_is_silent), "a.b@hosts a.b@0 a.b@1 a.b.corp@1");
  const auto last_is_silent = [](const step& one) {
    return one.nameserver == std::size_t{2} ? outcome::silent : outcome::failed;
  };
  EXPECT_EQ(steps_of("a.b", on_a_host, last_is_silent), "a.b@hosts a.b@0 a.b@1 a.b@2 a.b.corp@0 a.b.corp@1");
}

TEST(LookupPlan, FailureIsWorthTheOtherNameserversAndThenTheOtherNames) {
  EXPECT_EQ(steps_of("a.b", on_a_host, all_failed), "a.b@hosts a.b@0 a.b@1 a.b@2 a.b.corp@0 a.b.corp@1 a.b.corp@2");
}

TEST(LookupPlan, WithoutANameserverTheHostsFileIsAllThereIs) {
  EXPECT_EQ(steps_of("a.b", {.ndots = 1, .search = {"corp"}, .nameservers = 0}, all_absent), "a.b@hosts");
}

}  // namespace
}  // namespace sidecar::net
