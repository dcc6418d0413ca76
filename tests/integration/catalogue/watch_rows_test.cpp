#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catalogue.hpp"

/// The rows of the catalogue under SOURCE=watch. A fault meets the LIST that a watch begins with, or the watch itself,
/// and what follows takes up to eight seconds that are drawn by lot: so every row has a cluster and a sidecar of its
/// own, and all of them wait at the same time. The same invariants hold after it as in `catalogue`.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_moment = 200ms;
constexpr auto idle_work = 10ms;  // there may be a check of the watch in it
constexpr auto until_begun_again = 20s;

/// A cluster with a sidecar that watches.
class watched_cluster : public watch_fixture {
 public:
  watched_cluster() = default;
  void TestBody() override {}

  void start(const variables& options) {
    auto settings = options;
    settings.emplace("LOG_LEVEL", "debug");
    settings.emplace("ANSWER_TIMEOUT", "20ms");
    sidecar = std::make_unique<daemon>(watching(settings));
  }
  void expect_memory() {
    const auto is_begun = [this](const server_counts& now) { return now.watches >= watches && now.watching == 1; };
    EXPECT_TRUE(api.wait_for(is_begun, until_begun_again)) << "not begun again";
    EXPECT_EQ(sidecar->ask_until("200 OK"), "200 OK");
  }
  void measure() {
    files = open_files(*sidecar);
    kilobytes = consumption().anonymous_kilobytes();
  }
  vitals consumption() const { return vitals{sidecar->running().id()}; }
  void expect_right_answers() {
    for (const bool ready : {false, true}) {
      expect_events(1, [&] { api.set_ready("game", ready); });
      const std::string told = ready ? "200 OK" : "500 ContainerNotReady";
      EXPECT_EQ(sidecar->ask_until(told), told);
    }
  }
  void expect_log_without_token() const { expect_no_token(sidecar->stop_and_read(), {token}); }
  void replace_token() {
    const auto next = api.add_token();
    account.rotate(next, api.ca());
    api.revoke_token(token);
  }

  using watch_fixture::account;
  using watch_fixture::api;
  using watch_fixture::change_pod;
  using watch_fixture::token;
  std::unique_ptr<daemon> sidecar;
  std::uint64_t watches = 1;  ///< of its life, so far
  std::optional<std::size_t> files;
  std::size_t kilobytes = 0;
};

using clusters = std::vector<std::unique_ptr<watched_cluster>>;

/// What must hold when all is well again; of each one, beside what it consumed when all was well before.
void expect_as_before(watched_cluster& one) {
  one.expect_memory();
  one.expect_right_answers();
  EXPECT_LE(open_files(*one.sidecar), one.files);
  if (!under_sanitizer) {
    EXPECT_LE(one.consumption().anonymous_kilobytes(), one.kilobytes + memory_margin_kilobytes);
  }
}

/// Nobody asks any of them.
void expect_idle_without_work(const clusters& all) {
  std::vector<std::chrono::nanoseconds> before;
  for (const auto& one : all) before.push_back(one->consumption().processor_time());
  EXPECT_FALSE(all.front()->sidecar->running().wait(idle_moment)) << "it has ended";
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_LT(all[i]->consumption().processor_time() - before[i], idle_work) << "of sidecar " << i;
  }
}

/// Trouble that the LIST meets which a watch begins with, until it is cleared.
struct first_call {
  std::string row;
  std::string what;
  fault trouble;
  std::string reason;
  variables options = {};
  std::string logged = {};  ///< empty: the reason
};

fault answer_of(const std::string& bytes) { return for_lists(raw_answer(bytes)); }
/// A list with that item.
std::string list_of(const std::string& item) {
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[)" + item + "]}";
}
fault document_of(const std::string& bytes) { return answer_of(plain("200 OK", bytes)); }

std::vector<first_call> first_calls() {
  const variables impatient{{"API_TIMEOUT", "1s"}};
  const auto text = pod{}.text();
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  return {
      {"A01", "refused", refuse(), "ApiUnreachable"},
      {"A03", "silence before the handshake", silence_at(phase::connect), "ApiTimeout", impatient},
      {"A03", "silence in the handshake", silence_at(phase::handshake), "ApiTimeout", impatient},
      {"A03", "silence after the request", for_lists(silence_at(phase::request)), "ApiTimeout", impatient},
      {"A03", "silence in the body", for_lists(silence_at(phase::body)), "ApiTimeout", impatient},
      {"A04", "reset in the head", for_lists(reset_at(phase::headers)), "ApiUnreachable"},
      {"A04", "close in the body", for_lists(close_at(phase::body, false)), "ApiUnreachable"},
      {"A07", "another authority", with_flaw(tls_flaw::other_authority), "ApiUntrusted"},
      {"A07", "expired", with_flaw(tls_flaw::expired), "ApiUntrusted"},
      {"A11", "401", for_lists(refused(401)), "ApiUnauthorized"},
      {"A12", "403", refused(403), "ApiForbidden", {}, "may not list and watch"},
      {"A14", "404 of HTML", answer_of(plain("404 Not Found", "<html>")), "ApiProtocol"},
      {"A15", "204", answer_of("HTTP/1.1 204 No Content\r\n\r\n"), "ApiProtocol"},
      {"A16", "429", for_lists(too_many_requests("1")), "ApiBusy"},
      {"A17", "500", for_lists(refused(500)), "ApiError"},
      {"A18", "a redirect", answer_of(plain("302 Found", "", "Location: https://127.0.0.2/\r\n")), "ApiProtocol"},
      {"A19", "endless interim answers", for_lists(flood(interim, interim)), "ApiProtocol"},
      {"A20", "101", answer_of("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), "ApiProtocol"},
      {"A21", "promised too little", for_lists(reframe(framing::content_length_too_short)), "ApiProtocol"},
      {"A21", "promised too much", for_lists(reframe(framing::content_length_too_long)), "ApiUnreachable"},
      {"A22", "until the end", for_lists(reframe(framing::until_close)), "ApiProtocol"},
      {"A23", "without its last chunk", for_lists(reframe(framing::no_last_chunk)), "ApiUnreachable"},
      {"A24", "endless chunks", for_lists(flood()), "ApiProtocol"},
      {"A25", "1 MB of [", document_of(std::string(1'000'000, '[')), "ApiProtocol"},
      {"A26", "half a document", document_of(list_of(text).substr(0, text.size() / 2)), "ApiProtocol"},
      {"A27", "ready is text", document_of(list_of(replaced(text, "\"ready\":true", R"("ready":"true")"))),
       "ApiProtocol"},
      {"A28", "another pod", document_of(list_of(replaced(text, "\"game-0\"", "\"game-1\""))), "ApiProtocol"},
      {"A29", "gzip", answer_of(plain("200 OK", "\x1f\x8b\x08", "Content-Encoding: gzip\r\n")), "ApiProtocol"},
      {"A30", "a field of 64 kB", answer_of(plain("200 OK", list_of(text), "X: " + std::string(65'536, 'x') + "\r\n")),
       "ApiProtocol"},
      {"A31", "a byte every 50 ms", for_lists(drip(1, 50ms)), "ApiTimeout", impatient},
      {"A32", "HTTP/2 alone", with_flaw(tls_flaw::http2_only), "ApiUnreachable"},
  };
}

/// Trouble that a watch meets; what is answered goes on to be 200 until it is begun again.
struct trouble_of_a_watch {
  std::string row;
  std::string what;
  std::function<void(watched_cluster&)> cause;
  std::string logged;  ///< empty: nothing need be said
  bool is_its_end = true;
};

auto ended(watch_end how) {
  return [how](watched_cluster& of) { of.api.end_watches(how); };
}
auto told(const std::string& line) {
  return [line](watched_cluster& of) { of.api.send_event(line + "\n"); };
}
std::string event_of(const std::string& object, const std::string& type = "MODIFIED") {
  return "{\"type\":\"" + type + "\",\"object\":" + object + "}";
}

std::vector<trouble_of_a_watch> troubles_of_watches() {
  const std::string ended_line = "watch ended";
  const std::string expired = R"({"kind":"Status","code":410,"reason":"Expired","message":"too old"})";
  const std::string failed = R"({"kind":"Status","code":500,"reason":"InternalError","message":"some message"})";
  auto ours = pod{}.text();
  ours.pop_back();
  return {
      {"A04", "reset", ended(watch_end::reset), ended_line},
      {"A21", "half an event", ended(watch_end::half_event), ended_line},
      {"A21", "half an event, unannounced", ended(watch_end::half_event_truncated), ended_line},
      {"A23", "no last chunk", ended(watch_end::no_last_chunk), ended_line},
      {"W11", "an early end", ended(watch_end::clean), ended_line},
      {"W02", "410", told(event_of(expired, "ERROR")), ""},
      {"W03", "500", told(event_of(failed, "ERROR")), ended_line},
      {"W04", "an unknown type", told(event_of(ours, "PATCHED")), "", false},
      {"W10", "a line of 3 MB", told(event_of(ours) + std::string(3'000'000, ' ')), ended_line},
      {"A25", "depth", told(event_of(std::string(1'000'000, '['))), ended_line},
      {"A26", "no JSON", told("hello"), ended_line},
      {"A27", "wrong types", told(event_of(replaced(ours, "\"ready\":true", "\"ready\":1"))), ended_line},
      {"A28", "another pod", told(event_of(replaced(ours, "\"game-0\"", "\"game-1\""))), ended_line},
      {"A34", "restarts",
       [](watched_cluster& of) {
         for (int i = 0; i < 5; ++i) {
           of.api.stop();
           of.api.start();
         }
       },
       ended_line},
      {"A08", "another authority, also on disk",
       [](watched_cluster& of) {
         of.account.rotate(of.token, of.api.replace_authority());
         of.api.end_watches(watch_end::reset);
       },
       ended_line},
      {"A09", "an authority's file that is none",
       [](watched_cluster& of) {
         of.account.rotate(of.token, "garbage");
         of.api.end_watches(watch_end::reset);
       },
       "previous content stays in use"},
      {"A10", "another token",
       [](watched_cluster& of) {
         of.replace_token();
         of.api.end_watches(watch_end::reset);
       },
       ended_line},
      {"A31", "a slow stream",
       [](watched_cluster& of) {
         of.api.inject(times(1, for_watches(in_chunks_of(7))));
         of.api.end_watches(watch_end::reset);
       },
       ended_line},
  };
}

struct remark {
  const char* row;
  const char* why;
};

constexpr remark elsewhere[] = {
    {"A02", "a connect that hangs is ended by the same deadline as A03's silence"},
    {"A05", "a kept connection that dies as we send: a resync is a call of the same client, every 15 s"},
    {"A06", "the same"},
    {"A13", "Watch.KnowsOfThePodsEndAndOfItsReturn: an event says so, and no call"},
    {"A33", "Confined.ToTheCallsItDocumentsItWatchesToo has a name for the API server; both connect alike"},
    {"A35", "PodVerdict.IsWhatTheEventSays"},
    {"A36", "the same"},
};

/// Both kinds of trouble at once, since most of the time is spent waiting.
class CatalogueOfAWatch : public testing::Test {
 protected:
  void start_all() {
    for (std::size_t i = 0; i < calls_.size(); ++i) troubled_.push_back(std::make_unique<watched_cluster>());
    for (std::size_t i = 0; i < breaks_.size() + 1; ++i) broken_.push_back(std::make_unique<watched_cluster>());
    for (const auto& one : broken_) one->start({});
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      troubled_[i]->api.inject(calls_[i].trouble);
      troubled_[i]->start(calls_[i].options);
    }
  }

  void expect_first_calls_to_fail() {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      SCOPED_TRACE(calls_[i].row + ": " + calls_[i].what);
      const auto& line = calls_[i].logged.empty() ? "reason=" + calls_[i].reason : calls_[i].logged;
      EXPECT_NE(troubled_[i]->sidecar->logged(line), "");
      EXPECT_EQ(troubled_[i]->sidecar->ask(), "500 " + calls_[i].reason);
      EXPECT_EQ(troubled_[i]->api.counts().watch_requests, 0U);
      troubled_[i]->api.clear_faults();
    }
  }

  /// The last one of them has no trouble: what it consumes is what those should that never were well before.
  void measure() {
    for (const auto& one : broken_) {
      one->expect_memory();
      one->expect_right_answers();
      one->measure();
    }
    for (const auto& one : troubled_) {
      one->files = broken_.back()->files;
      one->kilobytes = broken_.back()->kilobytes;
    }
  }

  void break_watches() {
    for (std::size_t i = 0; i < breaks_.size(); ++i) {
      SCOPED_TRACE(breaks_[i].row + ": " + breaks_[i].what);
      breaks_[i].cause(*broken_[i]);
      if (breaks_[i].is_its_end) broken_[i]->watches = 2;
      EXPECT_NE(broken_[i]->sidecar->logged(breaks_[i].logged), "");
      EXPECT_TRUE(broken_[i]->sidecar->ask().starts_with("200 OK"));
    }
  }

  void expect_all_as_before() {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      SCOPED_TRACE(calls_[i].row + ": " + calls_[i].what);
      expect_as_before(*troubled_[i]);
    }
    for (std::size_t i = 0; i < breaks_.size(); ++i) {
      SCOPED_TRACE(breaks_[i].row + ": " + breaks_[i].what);
      expect_as_before(*broken_[i]);
    }
    for (const auto* all : {&troubled_, &broken_}) {
      expect_idle_without_work(*all);
      for (const auto& one : *all) one->expect_log_without_token();
    }
  }

  const std::vector<first_call> calls_ = first_calls();
  const std::vector<trouble_of_a_watch> breaks_ = troubles_of_watches();
  clusters troubled_;
  clusters broken_;
};

TEST_F(CatalogueOfAWatch, EveryRowIsHeldOrUnknownAndSoonOver) {
  start_all();
  expect_first_calls_to_fail();
  measure();
  break_watches();
  expect_all_as_before();
}

TEST_F(CatalogueOfAWatch, HasEveryRowThatMeansSomethingAndSaysWhereTheOthersAre) {
  std::set<std::string> found;
  for (const auto& row : calls_) found.insert(row.row);
  for (const auto& row : breaks_) found.insert(row.row);
  for (const auto& one : elsewhere) {
    std::cout << one.row << "  elsewhere  " << one.why << '\n';
    EXPECT_TRUE(found.insert(one.row).second) << one.row << " is here, too";
  }
  for (int i = 1; i <= 36; ++i) {
    const auto row = (i < 10 ? "A0" : "A") + std::to_string(i);
    EXPECT_TRUE(found.contains(row)) << row;
  }
}

}  // namespace
}  // namespace sidecar::test
