#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sidecar/kube/request.hpp"
#include "unit/kube/node_pods_source_world.hpp"

/// Retries, the rate and the deadline of a call of several requests.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using test::phase;
using testing::HasSubstr;
using testing::StartsWith;

class NodeSourceRetry : public testing::Test, protected node_world {
 protected:
  /// Runs a call to its end; the token is replaced while the response to its request `number` is on its way.
  std::string list_with_rotation_at(std::uint64_t number) {
    server.hold_answers();
    const auto call = begin();
    for (std::uint64_t i = 1; i < number; ++i) {
      EXPECT_TRUE(run_until_requested(i));
      EXPECT_TRUE(server.release_one());
    }
    EXPECT_TRUE(run_until_requested(number));
    files.rotate(server.add_token(), server.ca());
    server.stop_holding();
    return text_of(finish(call));
  }

  std::string unauthorized = response_with("{}", {}, "401 Unauthorized");
};

TEST_F(NodeSourceRetry, TokenThatIsRotatedDuringTheCallIsReadAgainOnce) {
  for (const std::uint64_t refused : {1U, 2U}) {
    if (refused == 2) script({bound_text("240")});
    script({unauthorized});
    if (refused == 1) script({bound_text("240")});
    script({node_list_text(items(1))});
    server.forget();
    EXPECT_EQ(list_with_rotation_at(refused), "web-0 @243");
    const auto seen = server.requests();
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen.at(refused - 1).target, seen.at(refused).target);
    EXPECT_NE(seen.at(refused - 1).authorization, seen.at(refused).authorization);
  }
}

TEST_F(NodeSourceRetry, TheSecond401OfACallIsFinal) {
  script({unauthorized, bound_text("240"), unauthorized});
  EXPECT_THAT(list_with_rotation_at(1), StartsWith("ApiUnauthorized: HTTP 401"));
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(NodeSourceRetry, KeptConnectionThatDiesBetweenTheRequestsIsReplaced) {
  script({bound_text("240")});
  server.inject(test::times(1, test::close_at(phase::next_request)));
  script({node_list_text(items(1))});
  EXPECT_EQ(list_text(), "web-0 @243");
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(NodeSourceRetry, NothingIsRetriedOnceAByteOfTheListCame) {
  const auto whole = response_with(node_list_text(items(3)));
  script({bound_text("240")});
  server.inject(test::times(1, test::raw_answer(whole.substr(0, whole.size() - 1), test::afterwards::reset)));
  EXPECT_THAT(list_text(), StartsWith("ApiUnreachable"));
  EXPECT_EQ(server.requests().size(), 2U);
}

// An API server waits longer for its cache than we wait for an answer.
TEST_F(NodeSourceRetry, AListThatComesTooLateIsAskedForPastTheCacheWithADeadlineOfItsOwn) {
  settings.timeout = short_timeout;
  const auto late = test::raw_answer(response_with(node_list_text(items(3))).substr(0, 300), test::afterwards::silence);
  script({bound_text("240")});
  server.inject(test::times(1, late));
  script({node_list_text(items(1)), bound_text("240")});
  EXPECT_EQ(list_text(), "web-0 @243");
  EXPECT_EQ(targets().back(), node_pods_target(settings.node));
  server.inject(test::times(2, late));
  EXPECT_THAT(list_text(), testing::AllOf(StartsWith("ApiTimeout: "), HasSubstr("reading the response")));
  EXPECT_EQ(server.requests().size(), 6U);
}

TEST_F(NodeSourceRetry, AVersionThatComesTooLateIsAFailure) {
  settings.timeout = short_timeout;
  server.inject(test::times(1, test::raw_answer("", test::afterwards::silence)));
  EXPECT_THAT(list_text(), StartsWith("ApiTimeout: "));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(NodeSourceRetry, PagesAreRequestedAtTheRateOfCallsAndBeforeTheDeadlineOrNotAtAll) {
  settings.limiter = std::make_shared<rate_limiter>(5);
  script({bound_text("240"), node_list_text(items(1), "243", "x"), node_list_text("")});
  EXPECT_EQ(list_text(), "web-0 @243");
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_GE(seen.at(2).when - seen.at(1).when, 130ms);
  server.forget();

  settings.limiter = std::make_shared<rate_limiter>(1);
  settings.timeout = short_timeout;
  source.reset();
  script({bound_text("240"), node_list_text(items(1), "243", "x"), node_list_text("")});
  EXPECT_EQ(list_text(), "@243");
  EXPECT_EQ(targets().back(), node_pods_target(settings.node)) << "no page after the deadline";
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(NodeSourceRetry, OneCallAtATime) {
  script({bound_text("240"), node_list_text(items(1)), bound_text("250"), node_list_text(items(2), "251")});
  server.hold_answers();
  const auto first = begin();
  const auto second = begin();
  ASSERT_TRUE(run_until_requested(1));
  server.stop_holding();
  EXPECT_EQ(text_of(finish(first)), "web-0 @243");
  EXPECT_EQ(text_of(finish(second)), "web-0 web-1 @251");
}

TEST(NodeSourceWithoutTls, NeverShowsTheToken) {
  node_world world({.tls = false});
  world.script({bound_text("240"), node_list_text("")});
  EXPECT_EQ(world.list_text(), "@243");
  for (const auto& one : world.server.requests()) EXPECT_EQ(one.authorization, "");
}

}  // namespace
}  // namespace sidecar::kube
