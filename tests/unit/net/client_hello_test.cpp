#include "sidecar/net/client_hello.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sidecar::net {
namespace {

/// A record of a handshake message of that size, which claims to have `claimed` bytes.
std::string hello(std::size_t size, std::size_t claimed) {
  const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xFFU); };
  const auto record = size + 4;
  return std::string{'\x16', '\x03', '\x01', byte(record >> 8U), byte(record)} +
         std::string{'\x01', byte(claimed >> 16U), byte(claimed >> 8U), byte(claimed)} + std::string(size, 'h');
}

TEST(ClientHello, IsCompleteWithItsLastByte) {
  for (const std::size_t size : {1U, 200U, 1'800U, 8'000U}) {
    const auto bytes = hello(size, size);
    EXPECT_EQ(read_client_hello(bytes), client_hello::complete) << size;
    EXPECT_EQ(read_client_hello(bytes + "more"), client_hello::complete) << size;
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      ASSERT_EQ(read_client_hello(bytes.substr(0, cut)), client_hello::incomplete) << size << " cut at " << cut;
    }
  }
}

TEST(ClientHello, IsRefusedIfItClaimsMoreThanAHeadMayHave) {
  EXPECT_EQ(read_client_hello(hello(longest_client_hello, longest_client_hello).substr(0, 5)), client_hello::refused);
  EXPECT_EQ(read_client_hello(hello(100, 131'000).substr(0, 9)), client_hello::refused);
  EXPECT_EQ(read_client_hello(hello(100, 101)), client_hello::refused) << "in several records";
  EXPECT_EQ(read_client_hello(hello(100, 99)), client_hello::refused) << "with the start of another message";
  EXPECT_EQ(read_client_hello(std::string("\x16\x03\x01\0\x03\x01\0\0", 8)), client_hello::refused);
}

}  // namespace
}  // namespace sidecar::net
