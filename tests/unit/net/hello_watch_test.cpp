#include "sidecar/net/hello_watch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::net {
namespace {

std::string record(char type, const std::string& content) {
  const auto size = content.size();
  return std::string{type, '\x03', '\x03', static_cast<char>(size >> 8U), static_cast<char>(size & 0xFFU)} + content;
}

/// A handshake message of that size, which claims to have `claimed` bytes.
std::string message(char type, std::size_t size, std::size_t claimed) {
  const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xFFU); };
  return std::string{type, byte(claimed >> 16U), byte(claimed >> 8U), byte(claimed)} + std::string(size, '\x01');
}

std::string framed_hello(std::size_t size, std::size_t claimed) {
  return record('\x16', message('\x01', size, claimed));
}
std::string framed_hello(std::size_t size) { return framed_hello(size, size); }

const std::string change_cipher_spec = record('\x14', "\x01");
const std::string alert = record('\x15', "\x01\x5a");
const std::string early_data = record('\x17', std::string(300, '\x16'));

struct client_bytes {
  const char* name;
  std::string bytes;
  bool allowed;
};
void PrintTo(const client_bytes& one, std::ostream* out) { *out << one.name; }

class HelloWatch : public testing::TestWithParam<client_bytes> {};

TEST_P(HelloWatch, JudgesItWholeAndByteByByte) {
  hello_watch whole;
  EXPECT_EQ(whole.allows(GetParam().bytes), GetParam().allowed);
  hello_watch slow;
  bool allowed = true;
  for (const char byte : GetParam().bytes) allowed = allowed && slow.allows({&byte, 1});
  EXPECT_EQ(allowed, GetParam().allowed);
}

const std::string finished = record('\x16', std::string("\x01\xff\xff\xff", 4) + std::string(36, 'e'));

INSTANTIATE_TEST_SUITE_P(
    Clients, HelloWatch,
    testing::Values(
        client_bytes{"Nothing", "", true}, client_bytes{"Small", framed_hello(200), true},
        client_bytes{"AsLargeAsAllowed", framed_hello(8'182), true},
        client_bytes{"OneByteLarger", framed_hello(8'183), false},
        client_bytes{"Second", framed_hello(200) + framed_hello(250), true},
        client_bytes{"SecondAsLargeAsAllowed", framed_hello(200) + framed_hello(8'182), true},
        client_bytes{"SecondOneByteLarger", framed_hello(200) + framed_hello(8'183), false},
        client_bytes{"Announced", framed_hello(200) + framed_hello(100, 131'000).substr(0, 9), false},
        client_bytes{"BehindTheFirstInItsRecord", framed_hello(204, 200), false},
        client_bytes{"InSeveralRecords", framed_hello(200) + framed_hello(100, 200), false},
        client_bytes{"HeaderInTwoRecords", framed_hello(200) + record('\x16', "\x01"), false},
        client_bytes{"EmptyRecord", framed_hello(200) + record('\x16', ""), false},
        client_bytes{"BehindChangeCipherSpec", framed_hello(200) + change_cipher_spec + framed_hello(9'000), false},
        client_bytes{"BehindAnAlert", framed_hello(200) + alert + framed_hello(9'000), false},
        client_bytes{"BehindEarlyData", framed_hello(200) + early_data + early_data + framed_hello(9'000), false},
        client_bytes{"Certificate", framed_hello(200) + record('\x16', message('\x0b', 16'000, 20'000)), true},
        client_bytes{"EncryptedHandshake",
                     framed_hello(200) + record('\x16', message('\x10', 64, 64)) + change_cipher_spec + finished,
                     true}),
    [](const auto& instance) { return std::string{instance.param.name}; });

}  // namespace
}  // namespace sidecar::net
