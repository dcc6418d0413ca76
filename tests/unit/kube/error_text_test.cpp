#include "sidecar/kube/error_text.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace sidecar::kube {
namespace {

struct row {
  std::string name;
  std::string body;
  std::string text;
};
void PrintTo(const row& shown, std::ostream* out) { *out << shown.name; }

class ErrorText : public testing::TestWithParam<row> {};

TEST_P(ErrorText, IsWhatABodySaysInOneLine) { EXPECT_EQ(error_text(GetParam().body), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(
    All, ErrorText,
    testing::Values(
        row{"nothing", "", ""}, row{"blanks", " \r\n\t", ""},
        row{"Go's server", "Client sent an HTTP request to an HTTPS server.\n",
            "Client sent an HTTP request to an HTTPS server."},
        row{"a Status", R"({"kind":"Status","message":"pods \"game-0\" is forbidden","reason":"Forbidden"})",
            "pods \"game-0\" is forbidden"},
        row{"a Status without a message", R"({"kind":"Status","reason":"Unauthorized"})", ""},
        row{"a Status that is cut", R"({"kind":"Status","message":"pods \"ga)",
            R"({"kind":"Status","message":"pods \"ga)"},
        row{"other JSON", "{\"error\": \"no upstream\"}\n", "{\"error\": \"no upstream\"}"},
        row{"HAProxy's page",
            "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n"
            "</body></html>\n",
            "503 Service Unavailable No server is available to handle this request."},
        row{"nginx's page",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1>"
            "</center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
            "502 Bad Gateway 502 Bad Gateway nginx"},
        row{"a page that is cut in a tag", "<h1>Bad gateway</h", "Bad gateway"},
        row{"text with brackets", "1 < 2 > 0", "1 < 2 > 0"}, row{"several lines", "a\r\n\r\n b\tc\n", "a b c"},
        row{"long", std::string(1000, 'x'), std::string(256, 'x')},
        row{"long words", std::string(255, 'x') + " yz", std::string(255, 'x') + ' '},
        row{"megabytes of markup", "<" + std::string(1'000'000, 'x') + ">text", ""}),
    [](const auto& input) { return std::to_string(input.index); });

}  // namespace
}  // namespace sidecar::kube
