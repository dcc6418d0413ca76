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

std::string hello(std::size_t size, std::size_t claimed) { return record('\x16', message('\x01', size, claimed)); }
std::string hello(std::size_t size) { return hello(size, size); }

const std::string change_cipher_spec = record('\x14', "\x01");
const std::string alert = record('\x15', "\x01\x5a");
const std::string early_data = record('\x17', std::string(300, '\x16'));

struct stream {
  const char* name;
  std::string bytes;
  bool allowed;
};
void PrintTo(const stream& one, std::ostream* out) { *out << one.name; }

class HelloWatch : public testing::TestWithParam<stream> {};

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
    testing::Values(stream{"Nothing", "", true}, stream{"Small", hello(200), true},
                    stream{"AsLargeAsAllowed", hello(8'182), true}, stream{"OneByteLarger", hello(8'183), false},
                    stream{"Second", hello(200) + hello(250), true},
                    stream{"SecondAsLargeAsAllowed", hello(200) + hello(8'182), true},
                    stream{"SecondOneByteLarger", hello(200) + hello(8'183), false},
                    stream{"Announced", hello(200) + hello(100, 131'000).substr(0, 9), false},
                    stream{"BehindTheFirstInItsRecord", hello(204, 200), false},
                    stream{"InSeveralRecords", hello(200) + hello(100, 200), false},
                    stream{"HeaderInTwoRecords", hello(200) + record('\x16', "\x01"), false},
                    stream{"EmptyRecord", hello(200) + record('\x16', ""), false},
                    stream{"BehindChangeCipherSpec", hello(200) + change_cipher_spec + hello(9'000), false},
                    stream{"BehindAnAlert", hello(200) + alert + hello(9'000), false},
                    stream{"BehindEarlyData", hello(200) + early_data + early_data + hello(9'000), false},
                    stream{"Certificate", hello(200) + record('\x16', message('\x0b', 16'000, 20'000)), true},
                    stream{"EncryptedHandshake",
                           hello(200) + record('\x16', message('\x10', 64, 64)) + change_cipher_spec + finished, true}),
    [](const auto& instance) { return std::string{instance.param.name}; });

}  // namespace
}  // namespace sidecar::net
