#include "sidecar/app/startup_pages.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace sidecar::app {
namespace {

std::size_t file_pages_in_kilobytes() {
  std::ifstream status{"/proc/self/status"};
  std::size_t value = 0;
  for (std::string word; status >> word;) {
    if (word == "RssFile:") status >> value;
  }
  return value;
}

TEST(StartupPages, AreUnmappedAndComeBackAsTheyAreUsed) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer's own pages are more than the program's";
#endif
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
