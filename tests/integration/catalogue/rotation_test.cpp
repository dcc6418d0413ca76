#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>

#include "../daemon.hpp"
#include "crowd.hpp"

/// Token and CA are rotated again and again while many ask.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t askers = 64;
constexpr int rotations = 1000;
constexpr auto grace = 30s;

class RotationWhileManyAsk : public cluster_fixture {
 protected:
  RotationWhileManyAsk() : cluster_fixture{api_server::options{.requests_remembered = 4}} {}

  /// As in a cluster: the kubelet brings the files, the CA of before still among them, and then the server changes.
  void rotate() {
    certificate_authority next;
    const auto next_token = api.add_token();
    account.rotate(next_token, ca_ + next.pem());
    api.use_certificate(next.issue());
    api.revoke_token(token);
    token = next_token;
    ca_ = next.pem();
  }

  /// As soon as the new token has come to the server, which is in the middle of a call, the next rotation begins.
  void rotate_again_and_again() {
    for (int i = 0; i < rotations; ++i) {
      const auto calls = api.counts().requests;
      rotate();
      if (i % 20 == 0) truths_.set_ready(i % 40 != 0);
      ASSERT_TRUE(is_used(calls));
    }
  }

  bool is_used(std::uint64_t calls) {
    while (api.wait_for_requests(++calls)) {
      if (api.requests().back().authorization == "Bearer " + token) return true;
    }
    return false;
  }

  bool is_right(const asked_and_answered& one) const {
    const auto since = one.held() ? one.asked - grace : one.asked;
    if (one.answer.starts_with("200 OK")) return truths_.may_have_been(true, since, one.answered);
    return one.answer.starts_with("500 ContainerNotReady") && truths_.may_have_been(false, since, one.answered);
  }

  std::string ca_ = api.ca();
  truth_log truths_{api};
};

/// The most held answers that one client got in a row: each is a call that came to nothing.
std::size_t longest_hold(const std::vector<asked_and_answered>& answers) {
  std::size_t longest = 0;
  std::size_t current = 0;
  for (const auto& one : answers) {
    current = one.held() ? current + 1 : 0;
    longest = std::max(longest, current);
  }
  return longest;
}

TEST_F(RotationWhileManyAsk, ChangesNoAnswerAndLeavesNothingUnknownForLongerThanACall) {
  const auto sidecar = start({{"API_QPS", "400"}, {"STALE_GRACE", "30s"}});
  crowd asking{*sidecar, askers, 20ms};
  ASSERT_NO_FATAL_FAILURE(rotate_again_and_again());
  std::size_t total = 0;
  for (const auto& answers : asking.stop()) {
    total += answers.size();
    EXPECT_LE(longest_hold(answers), 1U);
    for (const auto& one : answers) ASSERT_TRUE(is_right(one)) << one.answer;
  }
  EXPECT_GT(total, std::size_t{rotations});
  EXPECT_GE(api.counts().handshakes, std::uint64_t{rotations});
  EXPECT_EQ(asking.bytes().find("eyJ"), std::string::npos) << "a token begins like that";
  EXPECT_TRUE(sidecar->stop_and_read("eyJ").empty());
  std::cout << total << " answers of " << api.counts().requests << " calls\n";
}

}  // namespace
}  // namespace sidecar::test
