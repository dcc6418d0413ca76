#include "sidecar/config/warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sidecar::config {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

config with(source_mode source, std::chrono::milliseconds grace) {
  config made;
  made.source = source;
  made.stale_grace = grace;
  return made;
}

TEST(Warnings, DefaultsAreWorthNone) { EXPECT_THAT(warnings(config{}), IsEmpty()); }

TEST(Warnings, StrictWatchIsDownInEachGap) {
  auto made = with(source_mode::watch, 0ms);
  made.unhealthy_status = 503;
  EXPECT_THAT(warnings(made), ElementsAre(AllOf(HasSubstr("HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE is 0"),
                                                HasSubstr("answers are 503,"), HasSubstr("write 30s or more"))));
}

TEST(Warnings, StrictAnswersOfAnotherSourceAndAnyGraceAreMeant) {
  EXPECT_THAT(warnings(with(source_mode::live, 0ms)), IsEmpty());
  EXPECT_THAT(warnings(with(source_mode::watch, 1ms)), IsEmpty());
  auto overridden = with(source_mode::watch, 0ms);
  overridden.state_override = "true";
  EXPECT_THAT(warnings(overridden), IsEmpty());
}

TEST(Warnings, OfNodeModeAreGapsAndADrain) {
  config node;
  node.mode = run_mode::node;
  EXPECT_THAT(warnings(node), ElementsAre(AllOf(HasSubstr("_DRAIN is 8s with MODE=node"), HasSubstr("write 0s"))));
  node.drain = 0ms;
  EXPECT_THAT(warnings(node), IsEmpty());
  node.stale_grace = 0ms;
  EXPECT_THAT(warnings(node), ElementsAre(HasSubstr("_STALE_GRACE is 0 with MODE=node")));
}

}  // namespace
}  // namespace sidecar::config
