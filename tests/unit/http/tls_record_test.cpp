#include "sidecar/http/tls_record.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sidecar::http {
namespace {

TEST(TlsRecord, BeginsLikeNoRequest) {
  EXPECT_TRUE(looks_like_tls("\x16\x03\x01"));
  EXPECT_FALSE(looks_like_tls("GET / HTTP/1.1\r\n"));
  EXPECT_FALSE(looks_like_tls(""));
}

TEST(TlsRecord, IsWholeWithItsLastByteOrWhereThereIsNoMoreRoom) {
  const auto record = [](std::size_t length, std::size_t present) {
    return std::string{"\x16\x03\x01"} + static_cast<char>(length >> 8U) + static_cast<char>(length & 0xFFU) +
           std::string(present, 'x');
  };
  EXPECT_FALSE(has_first_tls_record(""));
  EXPECT_FALSE(has_first_tls_record(record(0, 0).substr(0, 4)));
  EXPECT_TRUE(has_first_tls_record(record(0, 0)));
  EXPECT_FALSE(has_first_tls_record(record(512, 511)));
  EXPECT_TRUE(has_first_tls_record(record(512, 512)));
  EXPECT_TRUE(has_first_tls_record(record(512, 513)));
  EXPECT_FALSE(has_first_tls_record(record(0xFFFF, head_bytes - 6)));
  EXPECT_TRUE(has_first_tls_record(record(0xFFFF, head_bytes - 5)));
}

}  // namespace
}  // namespace sidecar::http
