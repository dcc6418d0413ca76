#include "sidecar/kube/error_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sidecar::kube {
namespace {

TEST(ErrorText, IsWhatABodySaysInOneLine) {
  const std::pair<std::string, std::string> rows[] = {
      {"", ""},
      {" \r\n\t", ""},
      {"Client sent an HTTP request to an HTTPS server.\n", "Client sent an HTTP request to an HTTPS server."},
      {R"({"kind":"Status","message":"pods \"game-0\" is forbidden","reason":"Forbidden"})",
       "pods \"game-0\" is forbidden"},
      {R"({"kind":"Status","reason":"Unauthorized"})", ""},
      {R"({"kind":"Status","message":"pods \"ga)", R"({"kind":"Status","message":"pods \"ga)"},
      {"{\"error\": \"no upstream\"}\n", "{\"error\": \"no upstream\"}"},
      // HAProxy's page, and nginx's.
      {"<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n"
       "</body></html>\n",
       "503 Service Unavailable No server is available to handle this request."},
      {"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>"
       "</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
       "502 Bad Gateway 502 Bad Gateway nginx"},
      {"<h1>Bad gateway</h", "Bad gateway"},
      {"1 < 2 > 0", "1 < 2 > 0"},
      {"a\r\n\r\n b\tc\n", "a b c"},
      {std::string(1000, 'x'), std::string(256, 'x')},
      {std::string(255, 'x') + " yz", std::string(255, 'x') + ' '},
      {"<" + std::string(1'000'000, 'x') + ">text", ""}};
  for (const auto& [body, text] : rows) EXPECT_EQ(error_text(body), text);
}

/// "reason, message, details.name, details.kind", or "no Status".
std::string status_in(std::string_view json) {
  const auto status = parse_status(json);
  if (!status) return "no Status";
  return status->reason + ", " + status->message + ", " + status->details_name + ", " + status->details_kind;
}

TEST(ParseStatus, ReadsItsOwnFieldsAlone) {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"kind":"Status","reason":"NotFound","message":"m","details":{"name":"game-0","kind":"pods"},"code":404})",
       "NotFound, m, game-0, pods"},
      {R"({"kind":"Status"})", ", , , "},
      {R"({"kind":"Status","reason":1,"message":null,"details":[{"name":"x"}]})", ", , , "},
      {R"({"kind":"Status","details":{"name":{"name":"x"},"causes":[{"reason":"y","kind":"z"}]},"name":"w"})",
       ", , , "},
      {R"({"kind":"Status","reason":"a","details":{"name":"b"},"reason":"c","details":{"name":"d"}})", "c, , d, "},
      {R"([{"kind":"Status"}])", "no Status"},
      {R"({"kind":"Pod","reason":"NotFound"})", "no Status"},
      {R"({"kind":["Status"]})", "no Status"},
      {R"({"kind":"Status")", "no Status"},
      {std::string(1000, '['), "no Status"}};
  for (const auto& [json, expected] : rows) EXPECT_EQ(status_in(json), expected) << json;
}

}  // namespace
}  // namespace sidecar::kube
