#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/journal/notice_log.hpp"
#include "sidecar/kube/api_client.hpp"
#include "sidecar/kube/object_watch.hpp"
#include "sidecar/pod/health_service.hpp"
#include "sidecar/pod/pod_subject.hpp"
#include "sidecar/watch/watch_loop.hpp"
#include "support/api_server.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/net/run.hpp"

/// SOURCE=watch from the API server's socket to the answer, with times that are shorter than in production; by the
/// numbers of the catalogue of faults.
namespace sidecar::pod {
namespace {

using namespace std::chrono_literals;
using health::answer;
using health::reason;

const answer ready{verdict_of(reason::all_containers_ready)};
const answer not_ready{verdict_of(reason::container_not_ready)};

class WatchedServer : public testing::Test {
 protected:
  WatchedServer() {
    server.put_pod(test::pod{});
    server.allow();
    answers.answers.hold.stale_grace = 30s;
    answers.answer_timeout = 10s;
    answers.answers.source = snapshot_cache::source::cache;
    times.pause = times.max_pause = times.max_denied_pause = 10ms;
    times.resync = 30s;
    times.resync_retry = 10ms;
    times.catch_up = 50ms;
    times.short_watch = 20ms;
  }

  void start() {
    credentials.emplace(files.path().string());
    const kube::api_client_settings way{.url = {true, server.address(), server.port()},
                                        .pod = {"demo", "game-0"},
                                        .timeout = 5s,
                                        .user_agent = "test/1"};
    source = kube::create_api_client(context.get_executor(), way, *credentials);
    watches_of_pod = kube::create_watch_source(context.get_executor(), way, *credentials);
    service.emplace(context.get_executor(), answers, source.get());
    boost::asio::co_spawn(context, service->run(), [](std::exception_ptr error) { ASSERT_EQ(error, nullptr); });
    loop.emplace(context.get_executor(), watch::watch_machine{times, [this] { return random; }},
                 subject.emplace(*source, *service), *watches_of_pod, [this](const watch::steps::notice& given) {
                   const auto line = lines.note(given, boottime_clock::now());
                   if (line && line->level != log::level::debug) {
                     noticed.push_back(line->message + " | " + given.detail);
                   }
                 });
    loop->start();
  }
  void start_watching() {
    start();
    ASSERT_TRUE(becomes(ready));
    ASSERT_TRUE(run_until([&] { return server.counts().watching == 1; }));
  }

  template <class Condition>
  bool run_until(Condition condition) {
    return test::run_until(context, condition);
  }
  std::optional<answer> answer_now() { return service->answer_now(); }
  /// From the cache, not held.
  bool becomes(const answer& wanted) {
    const bool did = run_until([&] { return answer_now() == wanted; });
    EXPECT_TRUE(did) << "it is " << (answer_now() ? name(answer_now()->verdict.reason) : "held");
    return did;
  }
  answer ask() { return test::run(context, service->answer()); }
  void set_ready(bool is) { server.set_ready("game", is); }

  /// The next changes are delivered, on the watch there is then.
  void expect_right_answers() {
    set_ready(true);
    EXPECT_TRUE(becomes(ready));
    set_ready(false);
    EXPECT_TRUE(becomes(not_ready));
    set_ready(true);
    EXPECT_TRUE(becomes(ready));
  }
  std::uint64_t watches() { return server.counts().watches; }
  bool is_watched_again(std::uint64_t after) {
    return run_until([&] { return watches() > after && server.counts().watching == 1; });
  }

  test::api_server server;
  std::string token = server.add_token();
  test::temp_dir directory;
  test::service_account_files files{directory.path() / "sa", token, server.ca(), "demo"};
  boost::asio::io_context context{1};
  health_settings answers;
  watch::watch_times times;
  double random = 0.5;
  journal::notice_log lines;
  std::vector<std::string> noticed;
  std::optional<kube::service_account> credentials;
  std::unique_ptr<kube::pod_source> source;
  std::unique_ptr<kube::watch_source> watches_of_pod;
  std::optional<health_service> service;
  std::optional<pod_subject> subject;
  std::optional<watch::watch_loop> loop;
};

struct deaf_watch {
  const char* name;
  void (*make)(test::api_server&);  ///< the open watch deliver nothing
  bool is_deaf_from_the_start = false;
};
void PrintTo(const deaf_watch& row, std::ostream* out) { *out << row.name; }

class DeafWatch : public WatchedServer, public testing::WithParamInterface<deaf_watch> {};

TEST_P(DeafWatch, IsFoundByAListAndBegunAgain) {
  times.resync = 100ms;
  if (GetParam().is_deaf_from_the_start) GetParam().make(server);
  start_watching();
  if (!GetParam().is_deaf_from_the_start) GetParam().make(server);
  set_ready(false);
  EXPECT_TRUE(becomes(not_ready)) << "a LIST finds it";
  ASSERT_TRUE(run_until([&] { return !noticed.empty(); }));
  EXPECT_NE(noticed[0].find("watch missed a change"), std::string::npos);
  set_ready(true);
  EXPECT_TRUE(becomes(ready)) << "silent or not";
  server.release_events();
  expect_right_answers();
}

const deaf_watch deaf_watches[] = {
    {"W01BookmarksOnly", [](auto& server) { server.inject(test::times(1, test::bookmarks_only(5ms))); }, true},
    {"W07Silence", [](auto& server) { server.hold_events(); }},
    {"W12MissedEvents", [](auto& server) { server.miss_events(); }},
};

INSTANTIATE_TEST_SUITE_P(Each, DeafWatch, testing::ValuesIn(deaf_watches),
                         [](const auto& row) { return std::string{row.param.name}; });

/// A quiet pod's version is older than all that a restarted API server remembers: a GET does not bring a newer one.
TEST_F(WatchedServer, W02VersionThatTheServerHasForgottenIsNotAskedForAgain) {
  for (const bool by_status : {false, true}) {
    SCOPED_TRACE(by_status);
    server.behave({.gone_as_status = by_status});
    if (!service) start_watching();
    const auto before = server.counts();
    server.advance();
    server.forget_history();
    server.end_watches(test::watch_end::no_last_chunk);
    ASSERT_TRUE(is_watched_again(before.watches));
    expect_right_answers();
    EXPECT_LE(server.counts().watch_requests, before.watch_requests + 2);
    EXPECT_LE(server.counts().lists, before.lists + 3);
  }
}

struct odd_stream {
  const char* name;
  test::fault what;
};
void PrintTo(const odd_stream& row, std::ostream* out) { *out << row.name; }

/// Whatever the first watch is like, each change is answered.
class OddWatch : public WatchedServer {
 protected:
  void expect_no_hidden_change(const test::fault& first_watch) {
    server.inject(test::times(1, first_watch));
    times.resync = 100ms;
    start();
    EXPECT_TRUE(becomes(ready));
    expect_right_answers();
  }
};

// Megabytes of JSON: made in the test, since a row of a table is made at each start of this program.
TEST_F(OddWatch, W10LongLineHidesNoChange) { expect_no_hidden_change(test::huge_event(1'500'000)); }
TEST_F(OddWatch, W10TooLongALineHidesNoChange) { expect_no_hidden_change(test::huge_event(3'000'000)); }

class OddStream : public OddWatch, public testing::WithParamInterface<odd_stream> {};

TEST_P(OddStream, NeverHidesAChangeForLong) { expect_no_hidden_change(GetParam().what); }

const odd_stream odd_streams[] = {
    {"W02Refused410", test::for_watches(test::refused(410))},
    {"W03Error410", test::watch_error(410, 1)},
    {"W03Error429", test::watch_error(429, 1)},
    {"W03Error500", test::watch_error(500, 1)},
    {"W04UnknownType", test::unknown_event()},
    {"W05HalfALine", test::half_event()},
    {"W05HalfALineAndNoGoodbye", test::half_event(false)},
    {"W06ManyChunks", test::in_chunks_of(7)},
    {"W06ByteByByte", test::in_chunks_of(1)},
    {"W08VersionsFall", test::versions_fall()},
    {"W08VersionsStay", test::versions_stay()},
    {"W14HeadAtOnce", test::headers_at_once()},
    {"W14HeadWithheld", test::headers_withheld()},
    {"ContentLength", test::watch_with_length()},
    {"UntilClose", test::watch_until_close()},
    {"Refused401", test::for_watches(test::refused(401))},
    {"Refused500", test::for_watches(test::refused(500))},
    {"Unavailable", test::for_watches(test::unavailable("0"))},
    {"Reset", test::for_watches(test::reset_at(test::phase::request))},
    {"HalfAHead", test::for_watches(test::close_at(test::phase::headers))},
    {"NotHttp", test::for_watches(test::raw_answer("hello\r\n\r\n", test::afterwards::close))},
    {"Redirect", test::for_watches(test::raw_answer(
                     "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.2/\r\nContent-Length: 0\r\n\r\n"))},
};

INSTANTIATE_TEST_SUITE_P(Each, OddStream, testing::ValuesIn(odd_streams),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST_F(WatchedServer, W06EventsInOneChunkAllCount) {
  server.inject(test::times(1, test::events_together(2)));
  start();
  ASSERT_TRUE(becomes(ready));
  ASSERT_TRUE(run_until([&] { return server.counts().watching == 1; }));
  set_ready(false);
  server.update_pod("demo", "game-0", [](test::pod& of) { of.terminate(); });
  EXPECT_TRUE(becomes(answer{verdict_of(reason::pod_terminating_unready)}));
}

TEST_F(WatchedServer, W09OtherPodOfTheSameNameIsNotOurs) {
  answers.answers.bound_uid = [] { return test::pod_spec{}.uid; };
  start_watching();
  server.replace_pod("00000000-0000-4000-8000-000000000001");
  EXPECT_TRUE(becomes(answer{verdict_of(reason::pod_replaced)}));
  server.replace_pod(test::pod_spec{}.uid);
  EXPECT_TRUE(becomes(ready));
}

TEST_F(WatchedServer, W11WatchesThatEndAtOnceAreNotBegunInAHurry) {
  server.inject(test::short_watches(1ms));
  times.pause = times.max_pause = 50ms;
  random = 0.999;
  start();
  const auto before = boottime_clock::now();
  ASSERT_TRUE(run_until([&] { return watches() >= 4; }));
  EXPECT_GE(boottime_clock::now() - before, 3 * 49ms);
  EXPECT_NE(ask().verdict.state, health::state::unknown);
  server.clear_faults();
  ASSERT_TRUE(becomes(ready));
  expect_right_answers();
}

TEST_F(WatchedServer, W13PodThatComesLaterIsDelivered) {
  server.delete_pod();
  start();
  EXPECT_TRUE(becomes(answer{verdict_of(reason::pod_not_found)}));
  server.put_pod(test::pod{});
  EXPECT_TRUE(becomes(ready));
  EXPECT_LE(server.counts().lists, 2U);
}

TEST_F(WatchedServer, ReplacedAuthorityIsTrustedOnceItIsMounted) {
  times.resync = 50ms;
  start_watching();
  const auto before = watches();
  files.rotate(token, server.replace_authority());
  ASSERT_TRUE(is_watched_again(before)) << "the watch of the old bundle goes on";
  expect_right_answers();
}

TEST_F(WatchedServer, WithoutPermissionAnswersAreLiveUntilItIsGranted) {
  start_watching();
  for (const auto* verb : {"watch", "list"}) {
    SCOPED_TRACE(verb);
    noticed.clear();
    server.grant(verb, false);
    server.end_watches(test::watch_end::no_last_chunk);
    ASSERT_TRUE(run_until([&] { return !noticed.empty(); }));
    set_ready(false);
    EXPECT_EQ(ask(), not_ready) << "as old as its query";
    server.grant(verb, true);
    EXPECT_TRUE(becomes(not_ready));
    EXPECT_EQ(noticed.size(), 2U);
    expect_right_answers();
  }
}

}  // namespace
}  // namespace sidecar::pod
