#include <gtest/gtest.h>

#include "requests.hpp"

/// The others are met by unit/kube/api_client_faults_test.cpp, which says why each is refused.
namespace sidecar::test {
namespace {

TEST(TlsFlaws, Http2OnlySpeaksHttp2) {
  ready_server fixture;
  fixture.server.inject(with_flaw(tls_flaw::http2_only));
  http_client client = fixture.connect();
  EXPECT_EQ(client.read_for(std::chrono::milliseconds{200}), std::string("\0\0\0\4\0\0\0\0\0", 9));
}

}  // namespace
}  // namespace sidecar::test
