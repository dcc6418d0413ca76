#include <gtest/gtest.h>

#include <string>

#include "sidecar/config/parse.hpp"
#include "sidecar/config/ports.hpp"

namespace sidecar::config {
namespace {

TEST(IsAddress, ForLiteralsWithoutBracketsAndZone) {
  for (const std::string text : {"10.96.0.1", "::", "::1", "fd00::1", "::ffff:10.0.0.1"}) EXPECT_TRUE(is_address(text));
  for (const std::string text : {"", "localhost", "[::1]", "fe80::1%eth0", "10.0.0.256", "10.1", "010.0.0.1"}) {
    EXPECT_FALSE(is_address(text)) << text;
  }
  EXPECT_FALSE(is_address(std::string("::1\0", 4)));
}

TEST(IsLoopback, NeverForAnAddressThatOthersReach) {
  for (const std::string text : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) EXPECT_TRUE(is_loopback(text)) << text;
  for (const std::string text : {"", "::", "0.0.0.0", "10.0.0.1", "127.example.com", "127.0.0.1.example.com"}) {
    EXPECT_FALSE(is_loopback(text)) << text;
  }
}

TEST(AnotherPort, IsTheNextOneThatIsFree) {
  EXPECT_EQ(another_port({.port = 3000}, {}), ":3001");
  EXPECT_EQ(another_port({.port = 3000}, {3000, 3001, 3003}), ":3002");
  EXPECT_EQ(another_port({"127.0.0.1", 3000, false}, {3001}), "127.0.0.1:3002");
  EXPECT_EQ(another_port({"::1", 65'535, false}, {3001, 3002}), "[::1]:3003");
}

}  // namespace
}  // namespace sidecar::config
