#include "sidecar/config/split_flags.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sidecar::config {
namespace {

using testing::ElementsAre;
using testing::Pair;

command_words split(const std::vector<std::string>& words) { return split_flags(words); }

TEST(SplitFlags, SortsValuesFlagsWithoutOneAndOtherWords) {
  const auto words = split({"serve", "--drain", "1s", "--tls-cert", "--listen=:1=", "--cheese=a", "-x", "--drain="});
  EXPECT_THAT(words.values, ElementsAre(Pair("DRAIN", ""), Pair("LISTEN", ":1=")));
  EXPECT_THAT(words.without_value, ElementsAre("TLS_CERT"));
  EXPECT_THAT(words.others, ElementsAre("serve", "--cheese=a", "-x"));
  EXPECT_THAT(split({"--drain"}).without_value, ElementsAre("DRAIN"));
}

TEST(SplitFlags, OnlyAFlagIsNoValue) {
  for (const std::string value : {"", "-", "-1", "a", "=", "a=b", "\xff"}) {
    EXPECT_THAT(split({"--state-override", value}).values, ElementsAre(Pair("STATE_OVERRIDE", value)));
  }
  for (const std::string flag : {"-h", "--", "--help", "--drain"}) {
    EXPECT_THAT(split({"--state-override", flag}).without_value, testing::Contains("STATE_OVERRIDE")) << flag;
  }
}

}  // namespace
}  // namespace sidecar::config
