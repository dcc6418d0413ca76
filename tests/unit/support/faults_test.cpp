#include "support/faults.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>

#include "requests.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

std::string name_of(phase at) {
  const char* const names[] = {"connect", "handshake", "secured", "next_request", "request", "headers", "body"};
  return names[static_cast<std::size_t>(at)];
}

/// What a client sees that connects, asks twice and reads.
struct experience {
  std::string connect = "ok";
  bool first_answered = false;
  bool second_answered = false;
  std::string leftover;
  read_end end = read_end::complete;
};

experience live_through(const ready_server& fixture) {
  experience seen;
  std::unique_ptr<http_client> client;
  try {
    client = std::make_unique<http_client>("127.0.0.1", fixture.server.port(), fixture.server.ca(), "", 300ms);
  } catch (const std::runtime_error& error) {
    seen.connect = error.what();
    return seen;
  }
  seen.first_answered = client->ask(fixture.ask()).has_value();
  if (seen.first_answered) seen.second_answered = client->ask(fixture.ask()).has_value();
  seen.leftover = client->leftover();
  seen.end = client->last_end();
  return seen;
}

class AtPhase : public testing::TestWithParam<phase> {
 protected:
  bool before_session() const { return GetParam() == phase::connect || GetParam() == phase::handshake; }

  void expect(const fault& trouble, read_end end) {
    ready_server fixture;
    fixture.server.inject(times(1, trouble));
    const experience seen = live_through(fixture);
    EXPECT_FALSE(seen.second_answered);
    if (before_session()) {
      EXPECT_NE(seen.connect, "ok");
      EXPECT_EQ(fixture.server.counts().handshakes, 0U);
    } else {
      EXPECT_EQ(seen.connect, "ok");
      EXPECT_EQ(seen.first_answered, GetParam() == phase::next_request);
      EXPECT_EQ(seen.end, end);
      expect_what_came(seen, fixture.server.counts());
    }
    EXPECT_TRUE(fixture.server.wait_for([](const server_counts& counts) { return counts.open == 0; }));
    EXPECT_TRUE(live_through(fixture).second_answered) << "the fault was for one only";
  }

  void expect_what_came(const experience& seen, const server_counts& counts) {
    const bool in_head = GetParam() == phase::headers;
    const bool in_body = GetParam() == phase::body;
    EXPECT_EQ(seen.leftover.find("HTTP/1.1 200 OK\r\n") == 0, in_head || in_body);
    EXPECT_EQ(seen.leftover.find("\r\n\r\n") != std::string::npos, in_body);
    EXPECT_EQ(counts.requests, GetParam() == phase::secured ? 0U : 1U);
  }
};

TEST_P(AtPhase, SilenceLastsUntilTheClientGivesUp) { expect(silence_at(GetParam()), read_end::timeout); }
TEST_P(AtPhase, ResetIsSeenAsOne) {
  // A reset may overtake the bytes before it; what is sure is how it ends.
  if (GetParam() == phase::headers || GetParam() == phase::body) {
    ready_server fixture;
    fixture.server.inject(times(1, reset_at(GetParam())));
    const experience seen = live_through(fixture);
    EXPECT_FALSE(seen.first_answered);
    EXPECT_EQ(seen.end, read_end::reset);
    return;
  }
  expect(reset_at(GetParam()), read_end::reset);
}
TEST_P(AtPhase, CloseIsAnnounced) { expect(close_at(GetParam()), read_end::closed); }
TEST_P(AtPhase, CloseIsNotAnnouncedIfNotWanted) { expect(close_at(GetParam(), false), read_end::truncated); }
TEST_P(AtPhase, PauseOnlyCostsTime) {
  ready_server fixture;
  fixture.server.inject(times(1, pause_at(GetParam(), 50ms)));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(live_through(fixture).second_answered);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms);
  EXPECT_EQ(fixture.server.faults_left(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, AtPhase,
                         testing::Values(phase::connect, phase::handshake, phase::secured, phase::next_request,
                                         phase::request, phase::headers, phase::body),
                         [](const auto& row) { return name_of(row.param); });

TEST(Faults, RefuseLastsUntilClearedAndKeepsThePort) {
  ready_server fixture;
  fixture.server.inject(refuse());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(live_through(fixture).connect, "http_client: Connection refused");
  fixture.server.clear_faults();
  EXPECT_TRUE(live_through(fixture).second_answered);
  EXPECT_THROW(fixture.server.inject(times(1, refuse())), std::invalid_argument);
}

TEST(Faults, CountIsCountedDown) {
  ready_server fixture;
  fixture.server.inject(times(2, too_many_requests("7")));
  http_client client = fixture.connect();
  for (const int status : {429, 429, 200}) EXPECT_EQ(client.ask(fixture.ask())->status, status);
  EXPECT_EQ(fixture.server.faults_left(), 0U);
}

TEST(Faults, TimeLimitEndsThem) {
  ready_server fixture;
  fixture.server.inject(forbidden_for(100ms));
  http_client client = fixture.connect();
  const auto refused = client.ask(fixture.ask());
  EXPECT_EQ(refused->status, 403);
  EXPECT_NE(refused->body.find("cannot get resource"), std::string::npos);
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (client.ask(fixture.ask())->status != 200) ASSERT_LT(std::chrono::steady_clock::now(), end);
}

TEST(Faults, UnavailableHasARetryAfter) {
  ready_server fixture;
  fixture.server.inject(unavailable("1"));
  http_client client = fixture.connect();
  const auto response = client.ask(fixture.ask());
  EXPECT_EQ(response->status_line, "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(response->field("retry-after"), "1");
  EXPECT_EQ(nlohmann::json::parse(response->body)["reason"], "ServiceUnavailable");
}

TEST(Faults, RawBytesAreSentAsTheyAre) {
  ready_server fixture;
  const std::string bytes = "HTTP/1.1 302 Found\r\nLocation: http://other/\r\nContent-Length: 0\r\n\r\n";
  fixture.server.inject(times(1, raw_answer(bytes)));
  fixture.server.inject(times(1, raw_answer("\x16garbage\0!", afterwards::close)));
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(fixture.ask())->field("Location"), "http://other/");
  client.send(fixture.ask());
  EXPECT_EQ(client.read_until_end(), "\x16garbage");
  EXPECT_EQ(client.last_end(), read_end::closed);
}

struct frame_row {
  const char* name;
  fault trouble;
  read_end end;
};
void PrintTo(const frame_row& row, std::ostream* out) { *out << row.name; }

class Framing : public testing::TestWithParam<frame_row> {};

TEST_P(Framing, IsWrongInItsWay) {
  ready_server fixture;
  fixture.server.inject(GetParam().trouble);
  http_client client = fixture.connect();
  client.send(fixture.ask());
  const std::string all = client.read_until_end();
  EXPECT_EQ(client.last_end(), GetParam().end);
  EXPECT_EQ(all.substr(all.size() - 3), GetParam().trouble.ending == framing::no_last_chunk ? "\n\r\n" : "}}\n");
  const std::size_t length = all.find("Content-Length: ");
  const bool has_length = GetParam().trouble.ending == framing::content_length_too_long ||
                          GetParam().trouble.ending == framing::content_length_too_short;
  ASSERT_EQ(length != std::string::npos, has_length);
  if (!has_length) return;
  const std::size_t body = all.size() - all.find("\r\n\r\n") - 4;
  const std::size_t promised = std::stoul(all.substr(length + 16));
  EXPECT_EQ(promised, GetParam().trouble.ending == framing::content_length_too_long ? body + 100 : body - 100);
}

INSTANTIATE_TEST_SUITE_P(
    All, Framing,
    testing::Values(frame_row{"too long", reframe(framing::content_length_too_long), read_end::closed},
                    frame_row{"too short", reframe(framing::content_length_too_short), read_end::closed},
                    frame_row{"no last chunk", reframe(framing::no_last_chunk, false), read_end::truncated},
                    frame_row{"until close", reframe(framing::until_close), read_end::closed},
                    frame_row{"until unannounced close", reframe(framing::until_close, false), read_end::truncated}));

TEST(Faults, SmallChunksAreStillAnAnswer) {
  ready_server fixture;
  fixture.server.inject(in_chunks_of(1));
  http_client client = fixture.connect();
  const auto response = client.ask(fixture.ask());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->chunks.size(), response->body.size() + 1);
  EXPECT_EQ(nlohmann::json::parse(response->body)["kind"], "Pod");
}

TEST(Faults, DripIsSlow) {
  ready_server fixture;
  fixture.server.inject(drip(400, 5ms));
  http_client client = fixture.connect();
  const auto begin = std::chrono::steady_clock::now();
  const auto response = client.ask(fixture.ask());
  ASSERT_TRUE(response);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 5ms * (response->body.size() / 400));
}

TEST(Faults, FloodNeverEndsAndDoesNotStopTheServer) {
  ready_server fixture;
  fixture.server.inject(times(1, flood()));
  http_client victim{"127.0.0.1", fixture.server.port(), fixture.server.ca(), "", 500ms};
  victim.send(fixture.ask());
  EXPECT_GT(victim.read_for(100ms).size(), std::size_t{1} << 20U);
  http_client other = fixture.connect();
  EXPECT_EQ(other.ask(fixture.ask())->status, 200);
  victim.close();
  EXPECT_TRUE(fixture.server.wait_for([](const server_counts& counts) { return counts.open == 1; }));
}

TEST(Faults, ParsedOnesAreTheMadeOnes) {
  const auto from = [](std::string_view query) {
    return parse_fault([query](std::string_view name) { return query_value(query, name); });
  };
  const fault reset = from("/?kind=reset&at=next-request&count=3&delay=5ms");
  EXPECT_EQ(reset.kind, fault_kind::reset);
  EXPECT_EQ(reset.at, phase::next_request);
  EXPECT_EQ(reset.count, 3U);
  EXPECT_EQ(reset.delay, 5ms);
  EXPECT_EQ(from("/?kind=raw&bytes=a%0d%0a&then=silence").bytes, "a\r\n");
  EXPECT_EQ(from("/?kind=forbidden&lasts=1s").lasts, 1s);
  EXPECT_EQ(from("/?kind=tls&flaw=self-signed").flaw, tls_flaw::self_signed);
  EXPECT_FALSE(from("/?kind=close&at=body&close-notify=false").close_notify);
  EXPECT_THROW(from("/?kind=tls"), std::invalid_argument);
  EXPECT_THROW(from("/?at=body"), std::invalid_argument);
}

TEST(Faults, DurationsNeedAUnit) {
  EXPECT_EQ(parse_duration("700us"), 700us);
  EXPECT_EQ(parse_duration("20ms"), 20ms);
  EXPECT_EQ(parse_duration("2s"), 2s);
  for (const char* bad : {"", "700", "-1s", "s", "1m", "1 s", "99999999999999999999s"}) {
    EXPECT_THROW(parse_duration(bad), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace sidecar::test
