#include "sidecar/http/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::http {
namespace {

using kind = proxy_header::kind;
using namespace std::string_literals;

struct row {
  std::string name;
  std::string bytes;
  std::string expected;  ///< "absent", "more", "malformed", or the source of a complete header
};

void PrintTo(const row& shown, std::ostream* out) { *out << testing::PrintToString(shown.bytes.substr(0, 200)); }

const auto signature = "\r\n\r\n\0\r\nQUIT\n"s;

/// Version 2: command and version, family and protocol, then the addresses and what else `rest` has.
std::string binary(char command, char family, const std::string& rest) {
  const auto size = rest.size();
  return signature + command + family + static_cast<char>(size / 256) + static_cast<char>(size % 256) + rest;
}

const auto ipv4 = "\xc0\0\x02\x01\xc0\0\x02\x02\x12\x67\x0b\xb8"s;
const auto ipv6 = std::string(15, '\0') + "\x01" + std::string(15, '\0') + "\x02\x12\x67\x0b\xb8";

std::vector<row> rows() {
  const auto long_unknown = "PROXY UNKNOWN " + std::string(107 - 16, 'x') + "\r\n";
  return {
      {"Nothing", "", "more"},
      {"ARequest", "GET / HTTP/1.1\r\n\r\n", "absent"},
      {"ALowerCaseOne", "proxy UNKNOWN\r\n", "absent"},
      {"AClientHello", "\x16\x03\x01", "absent"},
      {"ALeadingLineEnd", "\r\nGET / HTTP/1.1\r\n\r\n", "absent"},
      {"AMethodThatBeginsAlike", "PROPFIND / HTTP/1.1\r\n\r\n", "absent"},
      {"Line4", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000\r\n", "192.0.2.1"},
      {"Line6", "PROXY TCP6 ::1 2001:db8::2 4711 3000\r\n", "::1"},
      {"Line6Shortened", "PROXY TCP6 2001:db8::1 2001:db8::2 4711 3000\r\n", "2001:db8::1"},
      {"LineUnknown", "PROXY UNKNOWN\r\n", "the proxy itself"},
      {"LineUnknownWithMore", "PROXY UNKNOWN ffff::1 x y z\r\n", "the proxy itself"},
      {"LineOf107Bytes", long_unknown, "the proxy itself"},
      {"LineOf108Bytes", "PROXY UNKNOWN x" + long_unknown.substr(14), "malformed"},
      {"LineThatNeverEnds", "PROXY TCP4 " + std::string(200, '1'), "malformed"},
      {"LineUnfinished", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000\r", "more"},
      {"LineEndedByLineFeed", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000\n", "malformed"},
      {"LineOfNothing", "PROXY \r\n", "malformed"},
      {"LineOfAnotherFamily", "PROXY UDP4 192.0.2.1 192.0.2.2 4711 3000\r\n", "malformed"},
      {"LineOfAnotherFamilyThanItsAddresses", "PROXY TCP4 ::1 ::2 4711 3000\r\n", "malformed"},
      {"LineWithAZone", "PROXY TCP6 fe80::1%lo ::2 4711 3000\r\n", "malformed"},
      {"LineWithoutPorts", "PROXY TCP4 192.0.2.1 192.0.2.2\r\n", "malformed"},
      {"LineWithALargePort", "PROXY TCP4 192.0.2.1 192.0.2.2 65536 3000\r\n", "malformed"},
      {"LineWithASignedPort", "PROXY TCP4 192.0.2.1 192.0.2.2 +1 3000\r\n", "malformed"},
      {"LineWithALeadingZero", "PROXY TCP4 192.0.2.1 192.0.2.2 04711 3000\r\n", "malformed"},
      {"LineWithTwoSpaces", "PROXY TCP4  192.0.2.1 192.0.2.2 4711 3000\r\n", "malformed"},
      {"LineWithMore", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000 x\r\n", "malformed"},
      {"LineWithNul", "PROXY TCP4 192.0.2.1\0 192.0.2.2 4711 3000\r\n"s, "malformed"},
      {"Binary4", binary('\x21', '\x11', ipv4), "192.0.2.1"},
      {"Binary6", binary('\x21', '\x21', ipv6), "::1"},
      {"BinaryLocal", binary('\x20', '\0', ""), "the proxy itself"},
      {"BinaryLocalWithAddresses", binary('\x20', '\x11', ipv4), "the proxy itself"},
      {"BinaryUnspecified", binary('\x21', '\0', "abc"), "the proxy itself"},
      {"BinaryDatagram", binary('\x21', '\x12', ipv4), "192.0.2.1"},
      {"BinaryUnix", binary('\x21', '\x31', std::string(216, 'u')), "the proxy itself"},
      {"BinaryOfAFamilyNobodyKnows", binary('\x21', '\x7f', "abc"), "the proxy itself"},
      {"BinaryWithMore", binary('\x21', '\x11', ipv4 + "\x03\0\x04"s + "abcd"), "192.0.2.1"},
      {"BinaryOfTwoKilobytes", binary('\x20', '\0', std::string(2 * 1024 - 16, 't')), "the proxy itself"},
      {"BinaryOfOneByteMore", binary('\x20', '\0', std::string(2 * 1024 - 15, 't')), "malformed"},
      {"BinaryThatIsTooLargeByItsWord", signature + "\x21\x11\xff\xff", "malformed"},
      {"BinaryWithTooFewAddresses", binary('\x21', '\x11', ipv4.substr(1)), "malformed"},
      {"BinaryOfVersion1", signature + "\x11", "malformed"},
      {"BinaryOfVersion3", signature + "\x31", "malformed"},
      {"BinaryOfACommandNobodyKnows", signature + "\x22", "malformed"},
      {"BinaryUnfinishedAddresses", binary('\x21', '\x11', ipv4).substr(0, 20), "more"},
      {"BinarySignatureAlone", signature, "more"},
  };
}

std::string summary(std::string_view bytes) {
  const auto header = read_proxy_header(bytes);
  switch (header.what) {
    case kind::absent:
      return "absent";
    case kind::need_more:
      return "more";
    case kind::malformed:
      return "malformed";
    case kind::complete:
      break;
  }
  EXPECT_EQ(header.size, bytes.size());
  return proxied_source(bytes);
}

class ProxyHeader : public testing::TestWithParam<row> {};

TEST_P(ProxyHeader, IsReadAsTheProtocolHasIt) { EXPECT_EQ(summary(GetParam().bytes), GetParam().expected); }

TEST_P(ProxyHeader, IsTheSameHoweverTheBytesAreCut) {
  const auto& [name, bytes, expected] = GetParam();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto early = summary(bytes.substr(0, size));
    if (early != "more") {
      ASSERT_EQ(early, expected) << "after " << size << " bytes";
      return;
    }
  }
}

TEST_P(ProxyHeader, EndsWhereTheRequestBegins) {
  const auto& [name, bytes, expected] = GetParam();
  const auto alone = read_proxy_header(bytes);
  if (alone.what != kind::complete) return;
  const auto followed = read_proxy_header(bytes + "GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(followed.what, kind::complete);
  EXPECT_EQ(followed.size, alone.size);
}

INSTANTIATE_TEST_SUITE_P(Inputs, ProxyHeader, testing::ValuesIn(rows()),
                         [](const auto& input) { return input.param.name; });

}  // namespace
}  // namespace sidecar::http
