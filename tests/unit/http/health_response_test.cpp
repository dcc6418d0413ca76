#include "sidecar/http/health_response.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sidecar::http {
namespace {

/// What a client knows after these bytes, and after the server's close: "200 OK", "500 Reason drain held=3",
/// "open", "error ...".
std::string read_bytes(std::string_view bytes, bool closes, std::size_t piece) {
  health_response_reader reader;
  bool is_complete = false;
  for (std::size_t at = 0; at < bytes.size() && !is_complete; at += piece) {
    const auto fed = reader.feed(bytes.substr(at, piece));
    if (!fed) return "error " + fed.error().message();
    is_complete = *fed == health_response_reader::progress::complete;
  }
  if (!is_complete && !closes) return "open";
  if (const auto ended = reader.finish(); !ended) return "error " + ended.error().message();
  const auto& found = reader.response();
  return std::to_string(found.status) + ' ' + found.reason + (found.is_drain ? " drain" : "") +
         (found.held.empty() ? "" : " held=" + found.held);
}

TEST(HealthResponse, IsCompleteWhenItsBodyIs) {
  const std::string large(70'000, 'x');
  const struct {
    std::string bytes;
    bool closes;
    std::string expected;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOK\n", false, "200 OK"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOK", false, "open"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOK", true, "error partial message"},
      {"HTTP/1.1 500 PodTerminating\r\nx-health-drain: true\r\nX-Health-Held: 3\r\nContent-Length: 0\r\n\r\n", false,
       "500 PodTerminating drain held=3"},
      {"HTTP/1.1 500 A\r\nX-Health-Drain: false\r\nContent-Length: 0\r\n\r\n", false, "500 A"},
      {"HTTP/1.1 500 A\r\nX-Health-Drain: trueish\r\nContent-Length: 0\r\n\r\n", false, "500 A"},
      {"HTTP/1.0 200 OK\r\n\r\n", false, "open"},
      {"HTTP/1.0 200 OK\r\n\r\n", true, "200 OK"},
      {"HTTP/1.0 200 OK\r\n\r\nOK", true, "200 OK"},
      {"HTTP/1.1 204 No Content\r\n\r\n", false, "204 No Content"},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", false, "200 "},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n", false, "200 OK"},
      {"HTTP/1.1 500 A\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Health-Drain: true\r\n\r\n", false,
       "500 A"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n", true, "error partial message"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nX-Health-Drain: true\r\n\r\nHTTP/1.1 500 "
       "A\r\nContent-Length: "
       "0\r\n\r\n",
       false, "500 A"},
      {"HTTP/1.1 100 Continue\r\n\r\n", true, "error partial message"},
      {"HTTP/1.1 200 OK\r\nContent-Le", true, "error partial message"},
      {"", true, "error end of stream"},
      {"OK\n", false, "open"},
      {"OK\n", true, "error partial message"},
      {"HTTP/2 200 OK\r\n\r\n", false, "error bad version"},
      {"HTTP/1.1 20 OK\r\n\r\n", false, "error bad status"},
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n", false, "error bad version"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + large, false, "error body limit exceeded"},
      {"HTTP/1.0 200 OK\r\n\r\n" + large, true, "error body limit exceeded"},
      {"HTTP/1.1 200 OK\r\nX: " + large.substr(0, 10'000) + "\r\n\r\n", false, "error header limit exceeded"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOKHTTP/1.1 500 A\r\n\r\n", false, "200 OK"},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {row.bytes.size() + 1, std::size_t{1000}, std::size_t{1}}) {
      EXPECT_EQ(read_bytes(row.bytes, row.closes, piece), row.expected) << row.bytes.substr(0, 80) << " by " << piece;
    }
  }
}

}  // namespace
}  // namespace sidecar::http
