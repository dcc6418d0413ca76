#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

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

  void expect_the_truth(told_server& server, visitor visits, unsigned drain_status, bool from_memory = false) const {
    for (auto now : situations()) {
      SCOPED_TRACE(now.name);
      now.what.from_memory = from_memory;
      server.tell(now.what);
      const auto got = visits.check();
      EXPECT_EQ(GetParam().judges(got), expected_of(now, drain_status)) << got.bytes;
      EXPECT_NE(got.end, read_end::reset);
      EXPECT_NE(got.end, read_end::timeout);
    }
  }
};

TEST_P(Checker, IsToldTheTruth) {
  for (const unsigned drain_status : {500U, 404U}) {
    for (const bool from_memory : {false, true}) {
      SCOPED_TRACE(std::to_string(drain_status) + (from_memory ? " from memory" : ""));
      told_server server{{.statuses = {.drain = drain_status}}};
      expect_the_truth(server, {server.port(), GetParam()}, drain_status, from_memory);
    }
  }
}

TEST_P(Checker, IsToldTheTruthOverTls) {
  // Their header comes before TLS, which takes a client of another kind.
  if (GetParam().request.starts_with("PROXY ") || GetParam().request.starts_with("\r\n")) return;
  const certificate_authority authority;
  told_server server{with_tls(authority, {.statuses = {.drain = 404}})};
  expect_the_truth(server, {server.port(), GetParam(), authority.pem()}, 404);
}

TEST_P(Checker, NeverTakesPlainTextOnATlsPortForUp) {
  if (!GetParam().is_plain_text) return;
  told_server server{with_tls(certificate_authority{}, {.statuses = {.drain = 404}})};
  visitor visits{server.port(), GetParam()};
  const auto got = visits.check();
  EXPECT_EQ(GetParam().judges(got), opinion::down) << got.bytes;
  EXPECT_NE(got.end, read_end::reset);
}

TEST_P(Checker, NeverTakesAWrongPathForUpNorForADrainWhereA404IsOne) {
  for (const unsigned drain_status : {500U, 404U}) {
    told_server server{{.statuses = {.drain = drain_status}}};
    visitor visits{server.port(), GetParam()};
    const auto got = visits.check(with_path(GetParam().request, "/nonexistent"));
    const auto made_of_it = GetParam().judges(got);
    EXPECT_NE(made_of_it, opinion::up) << got.bytes;
    EXPECT_TRUE(drain_status == 500 || made_of_it == opinion::down) << got.bytes;
    EXPECT_NE(got.end, read_end::reset);
  }
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
