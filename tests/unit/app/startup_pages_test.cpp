#include "sidecar/app/startup_pages.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "support/vitals.hpp"

namespace sidecar::app {
namespace {

std::size_t file_pages_in_kilobytes() { return std::stoul(test::vitals{::getpid()}.status("RssFile")); }

TEST(StartupPages, AreUnmappedAndComeBackAsTheyAreUsed) {
  const std::string before = "constants, and what is written to, stay what they are";
  const auto used = file_pages_in_kilobytes();
  forget_startup_pages();
  const auto left = file_pages_in_kilobytes();
  EXPECT_LT(left, used);
  EXPECT_EQ(before, "constants, and what is written to, stay what they are");
  EXPECT_THROW(throw std::string{before}, std::string);
}

}  // namespace
}  // namespace sidecar::app
