#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "catalogue.hpp"

/// A12-A24, A29-A31: answers that are refused for their status, their head or their framing.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string in_chunks(const std::string& after_body = "0\r\n\r\n") {
  auto text = std::string{chunked_head} + chunked(pod{}.text(), 1000);
  return text.substr(0, text.size() - 5) + after_body;
}

std::string trailer_of(std::size_t size) {
  std::string text = "0\r\n";
  while (text.size() < size) text += "X-Trailer: " + std::string(100, 'x') + "\r\n";
  return text + "\r\n";
}

fault status(int code, const std::string& reason) {
  return reply_with([code, reason] { return make_status(code, reason, "some message"); });
}

class ApiAnswer : public catalogue {
 protected:
  /// Asks until the API server has had another call, each time after a moment in which there was none.
  void ask_until_a_call_comes(const std::string& answer_until_then) {
    const auto calls = api.counts().requests;
    const auto end = clock::now() + 10s;
    while (!api.wait_for_requests(calls + 1, 50ms) && clock::now() < end) {
      const auto answer = ask();
      if (api.counts().requests == calls) {
        EXPECT_EQ(answer, answer_until_then);
      }
    }
  }

  /// The time between the 429 and the call after it.
  clock::duration time_left_alone(const std::string& retry_after) {
    api.inject(times(1, too_many_requests(retry_after)));
    EXPECT_EQ(ask(), expected("ApiBusy"));
    ask_until_a_call_comes(expected("ApiBusy"));
    const auto seen = api.requests();
    return seen.back().when - seen[seen.size() - 2].when;
  }

  void try_redirects(const std::string& to) {
    std::vector<trial> trials;
    for (const std::string code : {"301", "302", "303", "307", "308"}) {
      trials.push_back({code, raw_answer(plain(code + " Elsewhere", "", "Location: " + to + "\r\n")), "ApiProtocol"});
    }
    try_each(trials);
  }
};

TEST_P(ApiAnswer, A12ForbiddenIsUnknownAndToldWithTheCure) {
  open();
  api.deny();
  EXPECT_EQ(ask(), expected("ApiForbidden"));
  EXPECT_NE(sidecar().logged("grant the pod's service account a Role"), "");
  EXPECT_EQ(start({{"STALE_GRACE", GetParam()}})->ask(), "500 ApiForbidden") << "there is no truth to hold yet";
  api.allow();
}

TEST_P(ApiAnswer, A13DeletedPodIsToldAtOnce) {
  open();
  api.delete_pod();
  EXPECT_EQ(ask(), "500 PodNotFound");
  api.stop();
  EXPECT_EQ(ask(), strict() ? "500 ApiUnreachable" : "500 PodNotFound held");
}

TEST_P(ApiAnswer, A14NotFoundThatIsNotAboutThePodIsNoTruth) {
  open();
  const auto not_found = [](const std::string& pod) { return [pod] { return make_not_found(pod); }; };
  const auto no_namespace = [] {
    return make_status(404, "NotFound", "namespaces \"demo\" not found", R"({"name":"game-0","kind":"namespaces"})");
  };
  try_each({{"HTML", raw_answer(plain("404 Not Found", "<html>", "Content-Type: text/html\r\n")), "ApiProtocol"},
            {"empty", raw_answer(plain("404 Not Found")), "ApiProtocol"},
            {"another pod", reply_with(not_found("game-1")), "ApiProtocol"},
            {"no pod at all", reply_with(no_namespace), "ApiProtocol"},
            {"ours", reply_with(not_found("game-0")), "PodNotFound"}});
}

TEST_P(ApiAnswer, A15OtherStatusesAreNoTruth) {
  open();
  try_each({{"410", status(410, "Expired"), "ApiProtocol"},
            {"409", status(409, "Conflict"), "ApiProtocol"},
            {"418", status(418, "Teapot"), "ApiProtocol"},
            {"400", status(400, "BadRequest"), "ApiProtocol"},
            {"204", raw_answer("HTTP/1.1 204 No Content\r\n\r\n"), "ApiProtocol"},
            {"206", raw_answer(plain("206 Partial Content", pod{}.text())), "ApiProtocol"},
            {"201", raw_answer(plain("201 Created", pod{}.text())), "ApiProtocol"},
            {"999", raw_answer(plain("999 Whatever", pod{}.text())), "ApiProtocol"}});
}

TEST_P(ApiAnswer, A16RetryAfterIsKept) {
  open();
  const auto left_alone = time_left_alone("1");
  EXPECT_GE(left_alone, 1s);
  EXPECT_LT(left_alone, 2s);
}

TEST_P(ApiAnswer, A16RetryAfterThatIsNoNumberIsIgnored) {
  open();
  std::vector<trial> trials;
  for (const std::string value : {"-1", "abc", "Wed, 21 Oct 2026 07:28:00 GMT", "1e99", "", "1.5"}) {
    trials.push_back({value, too_many_requests(value), "ApiBusy"});
  }
  try_each(trials);
}

TEST_P(ApiAnswer, A17ServerErrorsAreNoTruth) {
  open();
  std::vector<trial> trials;
  for (const int code : {500, 502, 503, 504}) {
    const auto line = std::to_string(code) + " Failure";
    trials.push_back({line + " with a Status", status(code, "InternalError"), "ApiError"});
    trials.push_back({line + " of HTML", raw_answer(plain(line, "<html>")), "ApiError"});
    trials.push_back({line + " of nothing", raw_answer(plain(line)), "ApiError"});
  }
  try_each(trials);

  const auto before = api.counts().accepted;
  try_each({{"and closes", raw_answer(plain("503 Bye", "", "Connection: close\r\n"), afterwards::close), "ApiError"}});
  EXPECT_EQ(api.counts().accepted - before, 1U) << "a connection that is to be closed is not used again";
}

TEST_P(ApiAnswer, A17ErrorsThatEndWithTheirConnectionCountByTheirStatus) {
  open();
  std::vector<trial> trials;
  const std::pair<std::string, std::string> statuses[] = {
      {"503 Service Unavailable", "ApiError"}, {"502", "ApiError"},
      {"403 Forbidden", "ApiForbidden"},       {"401 Unauthorized", "ApiUnauthorized"},
      {"429 Too Many Requests", "ApiBusy"},    {"400 Bad Request", "ApiProtocol"}};
  for (const auto& [status, reason] : statuses) {
    const auto add = [&trials, &what = status, &why = reason](const std::string& name, const std::string& rest,
                                                              afterwards then = afterwards::close) {
      trials.push_back({what + " " + name, raw_answer("HTTP/1.1 " + what + "\r\n" + rest, then), why});
    };
    trials.push_back(
        {status + " of HTTP/1.0", raw_answer("HTTP/1.0 " + status + "\r\n\r\n<html>", afterwards::close), reason});
    add("framed by nothing", "Connection: close\r\n\r\n<html>");
    add("that is reset", "\r\nsorry", afterwards::reset);
    add("cut in its length", "Content-Length: 99\r\n\r\nsorry");
    add("cut in its chunks", "Transfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n");
    add("that hangs", "Content-Length: 99\r\n\r\nsorry", afterwards::silence);
  }
  try_each(trials);
}

TEST_P(ApiAnswer, A17TextOfAnErrorIsToldWithoutTheToken) {
  open();
  const auto page = "HTTP/1.0 502 Bad Gateway\r\n\r\n<html><h1>No server</h1>token=" + token + " of 10.0.0.1</html>";
  try_each({{"a page that repeats it", raw_answer(page, afterwards::close), "ApiError"}});
  EXPECT_NE(sidecar().logged("detail=\"HTTP 502: No server token=***"), "");
}

TEST_P(ApiAnswer, A17CutAbsenceIsNoTruth) {
  open();
  const auto status = *make_not_found("game-0").body;
  const auto half = status.substr(0, status.size() / 2);
  const auto length = "Content-Length: " + std::to_string(status.size()) + "\r\n\r\n";
  const auto answer = [](const std::string& rest) {
    return raw_answer("HTTP/1.1 404 Not Found\r\n" + rest, afterwards::close);
  };
  try_each({{"to the end of the connection, cut", answer("\r\n" + half), "ApiProtocol"},
            {"cut in its length", answer(length + half), "ApiProtocol"},
            {"cut in its chunks", answer("Transfer-Encoding: chunked\r\n\r\n" + as_chunks(half)), "ApiProtocol"},
            {"without its last chunk", answer("Transfer-Encoding: chunked\r\n\r\n" + as_chunks(status)), "ApiProtocol"},
            {"to the end of the connection, complete", answer("\r\n" + status), "PodNotFound"}});
}

TEST_P(ApiAnswer, A18RedirectsAreNotFollowed) {
  api_server other;
  open();
  try_redirects("https://127.0.0.1:" + std::to_string(other.port()) + "/");
  try_redirects("/api/v1/namespaces/demo/pods/game-1");
  EXPECT_EQ(other.counts().accepted, 0U);
}

TEST_P(ApiAnswer, A19InterimAnswersAreNotTheAnswer) {
  open();
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  const std::string three = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + interim;
  const auto answer = plain("200 OK", pod{}.text());
  try_each({{"three", raw_answer(three + answer), ""},
            {"four", raw_answer(three + interim + answer), "ApiProtocol"},
            {"endless", flood(interim, interim), "ApiProtocol"}});
}

TEST_P(ApiAnswer, A20SwitchingProtocolsIsNoAnswer) {
  open();
  const auto upgrade = raw_answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  try_each({{"101", upgrade, "ApiProtocol"}});
}

TEST_P(ApiAnswer, A21WrongLengthsAreNoTruth) {
  open();
  const auto text = pod{}.text();
  const auto length = "Content-Length: " + std::to_string(text.size()) + "\r\n";
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  try_each({document("half a document", text.substr(0, text.size() / 2), "ApiProtocol"),
            {"promised too little", reframe(framing::content_length_too_short), "ApiProtocol"},
            {"promised too much", reframe(framing::content_length_too_long), "ApiUnreachable"},
            {"promised too much, unannounced", reframe(framing::content_length_too_long, false), "ApiUnreachable"},
            {"length and chunks", raw_answer(ok + length + "Transfer-Encoding: chunked\r\n\r\n" + chunked(text, 99)),
             "ApiProtocol"},
            {"two lengths", raw_answer(ok + length + "Content-Length: 5\r\n\r\n" + text), "ApiProtocol"},
            {"negative", raw_answer(ok + "Content-Length: -1\r\n\r\n" + text), "ApiProtocol"},
            {"beyond 64 bits", raw_answer(ok + "Content-Length: 18446744073709551617\r\n\r\n{"), "ApiProtocol"}});
}

TEST_P(ApiAnswer, A22BodyThatEndsWithTheConnectionIsNoTruth) {
  open();
  try_each({{"announced", reframe(framing::until_close, true), "ApiProtocol"},
            {"not announced", reframe(framing::until_close, false), "ApiProtocol"}});
}

TEST_P(ApiAnswer, A23ChunksAreReadOrRefusedAndNeverThrow) {
  open();
  const std::string head{chunked_head};
  try_each({{"of a byte", in_chunks_of(1), ""},
            {"with an extension", raw_answer(replaced(in_chunks(), "\r\n3e8\r\n", "\r\n3e8;a=b;c=\"d\"\r\n")), ""},
            {"with a trailer", raw_answer(in_chunks("0\r\nX-Checksum: 1\r\n\r\n")), ""},
            {"with blanks after sizes",
             raw_answer(replaced(in_chunks("0   \r\n\r\n"), "\r\n3e8\r\n", "\r\n000003e8    \r\n")), ""},
            {"trailer of 70 kB", raw_answer(in_chunks(trailer_of(70'000))), "ApiProtocol"},
            {"trailer field of 70 kB", raw_answer(in_chunks("0\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n")),
             "ApiProtocol"},
            {"extension of 100 kB", raw_answer(head + "1;" + std::string(100'000, 'a') + "\r\n{\r\n"), "ApiProtocol"},
            {"size of 64 bits", raw_answer(head + "ffffffffffffffff\r\n{"), "ApiProtocol"},
            {"size beyond", raw_answer(head + "fffffffffffffffff\r\n{"), "ApiProtocol"},
            {"size of no digits", raw_answer(head + "xyz\r\n{"), "ApiProtocol"},
            {"without its last one", reframe(framing::no_last_chunk), "ApiUnreachable"}});
}

TEST_P(ApiAnswer, A24AnswersWithoutMeasureAreCutOff) {
  open();
  const std::string ten_megabytes(10'000'000, ' ');
  const auto promise = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{";
  std::string small_chunks;
  for (int i = 0; i < 1000; ++i) small_chunks += "1\r\n \r\n";
  try_each_within(4'000, {document("10 MB", "{" + ten_megabytes + "}", "ApiProtocol"),
                          {"10 MB in chunks", raw_answer(std::string{chunked_head} + chunked(ten_megabytes, 100'000)),
                           "ApiProtocol"},
                          {"a promise of 100 MB", raw_answer(promise), "ApiProtocol"},
                          {"endless chunks", flood(), "ApiProtocol"},
                          {"endless small chunks", flood(std::string{chunked_head}, small_chunks), "ApiProtocol"}});
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunk(0x10000, ' ');
  const std::string name(0x10000, 'x');
  const auto field = "X-Field: " + std::string(1000, 'x') + "\r\n";
  const std::string chunked{chunked_head};
  try_each_within(3'000, {{"one endless chunk", flood(chunked + "ffffffff\r\n", chunk), "ApiProtocol"},
                          {"endless fields", flood(ok, field), "ApiProtocol"},
                          {"one endless field", flood(ok + "X-Field: ", name), "ApiProtocol"},
                          {"an endless trailer", flood(chunked + "0\r\n", field), "ApiProtocol"},
                          {"an endless chunk extension", flood(chunked + "1;a=", name), "ApiProtocol"},
                          {"an endless body of 100 MB", flood(promise, chunk), "ApiProtocol"},
                          {"an endless body until close", flood(ok + "\r\n{", chunk), "ApiProtocol"}});
}

TEST_P(ApiAnswer, A24PodThatIsTooLargeIsToldWithItsSizeAndTheRemedy) {
  open();
  const auto text = replaced(pod{}.text(), "{", "{" + std::string(3 * 1024 * 1024, ' '));
  const auto told = "the response has " + std::to_string(text.size()) + " bytes (3.0 MiB)";
  try_each({document("announced", text, "ApiProtocol")});
  EXPECT_NE(sidecar().logged(told), "");
  open();
  try_each({{"in chunks", raw_answer(std::string{chunked_head} + chunked(text, 100'000)), "ApiProtocol"}});
  const auto line = sidecar().logged(told);
  EXPECT_NE(line.find("shorten the pod's annotations, or clear its managedFields"), line.npos) << line;
}

TEST_P(ApiAnswer, A24EndlessAnswerBelowTheLimitIsEndedByTheDeadline) {
  open({{"ANSWER_TIMEOUT", "300ms"}, {"API_TIMEOUT", "800ms"}});
  api.inject(drip(1, 1ms));
  const auto asked = clock::now();
  EXPECT_EQ(ask(), expected("ApiTimeout"));
  EXPECT_LT(clock::now() - asked, 700ms);
}

TEST_P(ApiAnswer, A29CompressedAnswersAreNoTruth) {
  open();
  std::vector<trial> trials;
  for (const std::string coding : {"gzip", "deflate", "br", "GZIP"}) {
    const auto field = "Content-Encoding: " + coding + "\r\n";
    trials.push_back({coding, raw_answer(plain("200 OK", "\x1f\x8b\x08", field)), "ApiProtocol"});
    trials.push_back({coding + " in name", raw_answer(plain("200 OK", pod{}.text(), field)), "ApiProtocol"});
  }
  try_each(trials);
}

TEST_P(ApiAnswer, A30HeadsWithoutMeasureOrGrammarAreRefused) {
  open();
  std::string thousand;
  for (int i = 1000; i < 2000; ++i) thousand += "X-Field-" + std::to_string(i) + ": some value\r\n";
  const auto with = [](const std::string& fields) { return raw_answer(plain("200 OK", pod{}.text(), fields)); };
  try_each({{"a field of 64 kB", with("X: " + std::string(65'536, 'x') + "\r\n"), "ApiProtocol"},
            {"1000 fields", with(thousand), "ApiProtocol"},
            {"a line that ends in LF", with("X: y\n"), "ApiProtocol"},
            {"CR in a value", with("X: y\rContent-Length: 3\r\n"), "ApiProtocol"},
            {"NUL in a value", with(std::string{"X: a\0b\r\n", 8}), "ApiProtocol"},
            {"a space before the colon", with("Content-Encoding : gzip\r\n"), "ApiProtocol"},
            {"no colon", with("X\r\n"), "ApiProtocol"},
            {"no name", with(": x\r\n"), "ApiProtocol"},
            {"another protocol", raw_answer("SSH-2.0-OpenSSH_9.2p1\r\n"), "ApiProtocol"},
            {"another version", raw_answer(replaced(plain("200 OK", pod{}.text()), "1.1", "2.0")), "ApiProtocol"}});
}

TEST_P(ApiAnswer, A31SlowAnswersAreReadOrEndedByTheDeadline) {
  open({{"ANSWER_TIMEOUT", "400ms"}, {"API_TIMEOUT", "900ms"}});
  try_each({{"a byte every 50 ms", drip(1, 50ms), "ApiTimeout"},
            {"1 kB/s", drip(100, 100ms), "ApiTimeout"},
            {"in slices", drip(97, 0us), ""},
            {"late by 50 ms", pause_at(phase::headers, 50ms), ""}});
}

TEST_P(ApiAnswer, A29IdentityIsNoCompressionHoweverItIsSpelt) {
  open();
  std::vector<trial> trials;
  for (const std::string coding : {"identity", "Identity", "IDENTITY", ""}) {
    trials.push_back({coding, raw_answer(plain("200 OK", pod{}.text(), "Content-Encoding: " + coding + "\r\n")), ""});
  }
  try_each(trials);
}

TEST_P(ApiAnswer, A30StatusLineMayEndWithItsStatus) {
  open();
  try_each({{"200", raw_answer(plain("200", pod{}.text())), ""},
            {"200 after an interim one", raw_answer("HTTP/1.1 100\r\n\r\n" + plain("200", pod{}.text())), ""}});
}

INSTANTIATE_TEST_SUITE_P(With, ApiAnswer, testing::Values("0", "30s"), catalogue_grace);

}  // namespace
}  // namespace sidecar::test
