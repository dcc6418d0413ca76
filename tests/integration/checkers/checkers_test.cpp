#include <gtest/gtest.h>

#include <set>

#include "checker.hpp"
#include "situations.hpp"

/// Every checker's own bytes, sent to the server as that checker sends them, and its own rule for what comes back.
namespace sidecar::test {
namespace {

std::vector<checker> all_checkers() {
  auto all = haproxy_checkers();
  for (auto& one : other_checkers()) all.push_back(std::move(one));
  return all;
}

class Checker : public testing::TestWithParam<checker> {
 protected:
  /// What it must think; only a status of its own tells draining from down.
  opinion expected_of(const situation& now, unsigned drain_status) const {
    if (now.is_healthy()) return GetParam().of_healthy;
    return now.is_drain() && drain_status == 404 ? GetParam().of_drain : opinion::down;
  }

  void expect_the_truth(unsigned drain_status) const {
    told_server server{{.drain_status = drain_status}};
    visitor visits{server.port(), GetParam()};
    expect_the_truth(server, visits, drain_status);
  }

  void expect_the_truth(told_server& server, visitor& visits, unsigned drain_status) const {
    for (const auto& now : situations()) expect_the_truth(now, server, visits, drain_status);
  }

  void expect_the_truth(const situation& now, told_server& server, visitor& visits, unsigned drain_status) const {
    server.tell(now.what);
    const auto got = visits.check();
    EXPECT_EQ(GetParam().judges(got), expected_of(now, drain_status)) << now.name << ":\n" << got.bytes;
    EXPECT_NE(got.end, read_end::reset) << now.name;
    EXPECT_NE(got.end, read_end::timeout) << now.name;
  }
};

TEST_P(Checker, IsToldTheTruth) { expect_the_truth(500); }

TEST_P(Checker, IsToldOfADrain) { expect_the_truth(404); }

TEST_P(Checker, IsToldTheTruthFromMemory) {
  told_server server{{.drain_status = 404}};
  visitor visits{server.port(), GetParam()};
  for (auto now : situations()) {
    now.what.from_memory = true;
    expect_the_truth(now, server, visits, 404);
  }
}

TEST_P(Checker, IsToldTheTruthOverTls) {
  // Their header comes before TLS, which takes a client of another kind.
  if (GetParam().request.starts_with("PROXY ") || GetParam().request.starts_with("\r\n")) return;
  const certificate_authority authority;
  told_server server{with_tls(authority, {.drain_status = 404})};
  visitor visits{server.port(), GetParam(), authority.pem()};
  expect_the_truth(server, visits, 404);
}

TEST_P(Checker, NeverTakesPlainTextOnATlsPortForUp) {
  if (!GetParam().is_plain_text) return;
  told_server server{with_tls(certificate_authority{}, {.drain_status = 404})};
  visitor visits{server.port(), GetParam()};
  const auto got = visits.check();
  EXPECT_EQ(GetParam().judges(got), opinion::down) << got.bytes;
  EXPECT_NE(got.end, read_end::reset);
}

TEST_P(Checker, NeverTakesAWrongPathForUp) {
  told_server server;
  visitor visits{server.port(), GetParam()};
  const auto got = visits.check(with_path(GetParam().request, "/nonexistent"));
  EXPECT_NE(GetParam().judges(got), opinion::up) << got.bytes;
  EXPECT_NE(got.end, read_end::reset);
}

TEST_P(Checker, TakesAWrongPathForDownWhereA404IsADrain) {
  told_server server{{.drain_status = 404}};
  visitor visits{server.port(), GetParam()};
  const auto got = visits.check(with_path(GetParam().request, "/nonexistent"));
  EXPECT_EQ(GetParam().judges(got), opinion::down) << got.bytes;
}

INSTANTIATE_TEST_SUITE_P(All, Checker, testing::ValuesIn(all_checkers()),
                         [](const auto& input) { return input.param.name; });

TEST(Checkers, AreAllThereAndSoIsAllThatThereIsToSay) {
  EXPECT_EQ(haproxy_checkers().size(), 28U + 7U) << "recordings and other rules";
  std::set<std::string> said;
  for (const auto& now : situations()) said.insert(now.name);
  for (std::size_t at = 0; at < health::reason_count; ++at) {
    EXPECT_TRUE(said.contains(std::string{health::name(static_cast<health::reason>(at))})) << at;
  }
}

}  // namespace
}  // namespace sidecar::test
