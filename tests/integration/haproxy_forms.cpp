#include "haproxy_forms.hpp"

#include <fstream>
#include <vector>

#include "support/certificates.hpp"

namespace sidecar::test {
namespace {

const std::string tls_check = "check-ssl verify required ca-file ca.pem check-sni health.example";
const std::string client_hello = "\\x16\\x03";

variables options_for(offer what, const std::filesystem::path& directory) {
  const auto file = [&](const char* name) { return (directory / name).string(); };
  switch (what) {
    case offer::nothing:
      return {};
    case offer::tls:
      return {{"TLS_CERT", file("server.pem")}, {"TLS_KEY", file("server.key")}};
    case offer::tls_for_clients:
      return {{"TLS_CERT", file("server.pem")}, {"TLS_KEY", file("server.key")}, {"TLS_CLIENT_CA", file("ca.pem")}};
    case offer::drain:
      return {{"DRAIN_STATUS", "404"}};
    case offer::agent:
      return {{"DRAIN_STATUS", "404"}, {"AGENT_LISTEN", "127.0.0.1:0"}};
  }
  return {};
}

}  // namespace

const std::vector<check_form>& check_forms() {
  static const std::vector<check_form> forms = {
      {"Bare", {"option httpchk"}, "", "OPTIONS / HTTP/1\\.0\r\n"},
      {"Get", {"option httpchk GET /healthz"}, "", "GET /healthz HTTP/1\\.0\r\n\r\n"},
      {"UriOnly", {"option httpchk /healthz"}, "", "OPTIONS /healthz HTTP/1\\.0\r\n"},
      {"Head", {"option httpchk HEAD /healthz"}, "", "HEAD /healthz HTTP/1\\.0\r\n"},
      {"Http11WithoutHost",
       {"option httpchk GET /healthz HTTP/1.1"},
       "",
       "GET /healthz HTTP/1\\.1\r\nconnection: close\r\n\r\n"},
      {"Http11WithHost",
       {"option httpchk GET /healthz HTTP/1.1", "http-check send hdr Host health.example"},
       "",
       "GET /healthz HTTP/1\\.1\r\nhost: health\\.example\r\n"},
      {"OptionsStar", {"option httpchk OPTIONS * HTTP/1.1"}, "", "OPTIONS \\* HTTP/1\\.1\r\n"},
      {"AbsoluteForm",
       {"option httpchk",
        "http-check send meth GET uri http://health.example/healthz ver HTTP/1.1 hdr Host health.example"},
       "",
       "GET http://health\\.example/healthz HTTP/1\\.1\r\n"},
      {"SendState",
       {"option httpchk GET /healthz", "http-check send-state"},
       "",
       "GET /healthz HTTP/1\\.0\r\nx-haproxy-server-state: [^\r]+\r\n"},
      {"ExpectStatus200",
       {"option httpchk GET /healthz", "http-check expect status 200"},
       "",
       "GET /healthz HTTP/1\\.0\r\n"},
      {"OneContainer", {"option httpchk GET /healthz/game"}, "", "GET /healthz/game HTTP/1\\.0\r\n"},
      {"Tls", {"option httpchk GET /healthz"}, tls_check, client_hello, offer::tls},
      {"TlsWithClientCertificate",
       {"option httpchk GET /healthz"},
       tls_check + " crt client.pem",
       client_hello,
       offer::tls_for_clients},
      {"ProxyV1",
       {"option httpchk GET /healthz"},
       "check-send-proxy",
       "PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ \\d+\r\nGET /healthz HTTP/1\\.0\r\n"},
      {"ProxyV1Unknown",
       {"option httpchk GET /healthz"},
       "check-send-proxy",
       "PROXY UNKNOWN\r\nGET /healthz HTTP/1\\.0\r\n",
       offer::nothing,
       "DOWN",
       true},
      {"ProxyV2Local",
       {"option httpchk GET /healthz"},
       "send-proxy-v2 check-send-proxy",
       "\r\n\r\n\\x00\r\nQUIT\n\\x20[\\s\\S]{3,}GET /healthz HTTP/1\\.0\r\n"},
      {"ProxyBeforeTls",
       {"option httpchk GET /healthz"},
       "check-send-proxy " + tls_check,
       "PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ \\d+\r\n" + client_hello,
       offer::tls},
      {"DisableOn404",
       {"option httpchk GET /healthz", "http-check disable-on-404"},
       "",
       "GET /healthz HTTP/1\\.0\r\n",
       offer::drain,
       "NOLB"},
      {"AgentWithCheck",
       {"option httpchk GET /healthz", "http-check disable-on-404"},
       "agent-check agent-inter 100ms agent-port ",
       "GET /healthz HTTP/1\\.0\r\n",
       offer::agent,
       "DRAIN"},
  };
  return forms;
}

namespace {

/// HAProxy plays F5: sends the bytes, as its configuration writes them, and is content with any byte.
check_form any_byte(const std::string& name, const std::string& send, const std::string& sends,
                    const std::string& ready = "DOWN") {
  return {.name = name,
          .lines = {"option tcp-check", "tcp-check connect", send, "tcp-check expect rbinary ."},
          .server = "",
          .sends = sends,
          .ready = ready};
}

check_form any_byte_of(const std::string& name, const std::string& text, const std::string& sends,
                       const std::string& ready = "DOWN") {
  return any_byte(name, "tcp-check send \"" + text + "\"", sends, ready);
}

}  // namespace

const std::vector<check_form>& any_byte_forms() {
  static const std::vector<check_form> forms = {
      any_byte_of("AnyByteToAGetWithoutVersion", "GET /\\r\\n", "GET /\r\n", "UP"),
      any_byte_of("AnyByteToHttpGet", "HTTP GET /healthz\\r\\n", "HTTP GET /healthz\r\n"),
      any_byte_of("AnyByteToHttpGetAndAnEmptyLine", "HTTP GET /healthz\\r\\n\\r\\n", "HTTP GET /healthz\r\n\r\n"),
      any_byte_of("AnyByteToHttpGetWithoutLineEnd", "HTTP GET /healthz", "HTTP GET /healthz$"),
      any_byte_of("AnyByteToTwoWordsForAPath", "GET /health check\\r\\n\\r\\n", "GET /health check\r\n\r\n"),
      any_byte_of("AnyByteToAVersionWithoutNumber", "GET / HTTP\\r\\n\\r\\n", "GET / HTTP\r\n\r\n"),
      any_byte_of("AnyByteToAVersionNumberApart", "GET /healthz HTTP 1.1\\r\\n\\r\\n", "GET /healthz HTTP 1\\.1\r\n"),
      any_byte_of("AnyByteToBackslashes", "GET / HTTP/1.0\\\\r\\\\n", "GET / HTTP/1\\.0\\\\r\\\\n"),
      any_byte_of("AnyByteToPing", "PING\\r\\n", "PING\r\n"),
      any_byte_of("AnyByteToAnEmptyLine", "\\r\\nGET / HTTP/1.1\\r\\n\\r\\n", "\r\nGET / HTTP/1\\.1\r\n"),
      any_byte("AnyByteToGarbage", "tcp-check send-binary 7f80ff0d0a", "\\x7f"),
      any_byte("AnyByteToHalfAProxyHeader", "tcp-check send-binary 0d0a0d0a000d0a515549540a31",
               "\r\n\r\n\\x00\r\nQUIT\n1"),
      {.name = "SslHelloChk", .lines = {"option ssl-hello-chk"}, .server = "", .sends = client_hello, .ready = "DOWN"},
      {.name = "SslHelloChkToTls",
       .lines = {"option ssl-hello-chk"},
       .server = "",
       .sends = client_hello,
       .needs = offer::tls,
       .ready = "DOWN"},
  };
  return forms;
}

checked_backend backend_of(const check_form& form, std::uint16_t port, std::uint16_t agent_port) {
  const bool shakes_hands = form.server.find("check-ssl") != form.server.npos;
  const auto agent = form.needs == offer::agent ? std::to_string(agent_port) : "";
  return {.name = form.name,
          .lines = form.lines,
          .port = port,
          .server = form.server + agent,
          .how_often = shakes_hands ? "inter 500ms fastinter 100ms downinter 100ms" : "inter 100ms",
          .relayed = form.relayed};
}

haproxy_fixture::haproxy_fixture() {
  const certificate_authority authority{"health checks"};
  const auto server = authority.issue({.common_name = "health.example", .dns_names = {"health.example"}});
  const auto client = authority.issue({.common_name = "haproxy", .extended_key_usage = "clientAuth"});
  std::ofstream{directory.path() / "ca.pem"} << authority.pem();
  std::ofstream{directory.path() / "server.pem"} << server.pem;
  std::ofstream{directory.path() / "server.key"} << server.key;
  std::ofstream{directory.path() / "client.pem"} << client.pem << client.key;
}

std::unique_ptr<daemon> haproxy_fixture::start_offering(offer what, const variables& options) const {
  auto all = options_for(what, directory.path());
  all.insert(options.begin(), options.end());
  return start(all);
}

}  // namespace sidecar::test
