#include "sidecar/base/number_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sidecar {
namespace {

TEST(ShortestText, IsReadAsTheSameNumber) {
  EXPECT_EQ(shortest_text(0), "0");
  EXPECT_EQ(shortest_text(0.0025), "0.0025");
  EXPECT_EQ(shortest_text(-1.5), "-1.5");
  EXPECT_EQ(shortest_text(10), "10");
  EXPECT_EQ(shortest_text(1e30), "1e+30");
  for (const double number : {0.1, 1.0 / 3, 1e-300, std::numeric_limits<double>::max()}) {
    EXPECT_EQ(std::stod(shortest_text(number)), number);
  }
}

}  // namespace
}  // namespace sidecar
