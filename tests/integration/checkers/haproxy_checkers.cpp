#include <algorithm>
#include <filesystem>

#include "checker.hpp"
#include "support/recording.hpp"

namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

/// "haproxy-2.6.12/httpchk-get.bin" -> "haproxy_2_6_12_httpchk_get"
std::string name_of(const fs::path& file) {
  auto name = file.parent_path().filename().string() + '_' + file.stem().string();
  std::ranges::replace_if(
      name, [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

/// With `http-check disable-on-404`, which is the default rule but for a 404.
checker recorded(const fs::path& file) {
  checker made{name_of(file), test_data(fs::relative(file, SIDECAR_TEST_DATA)),
               unless_drained(status_between(200, 399), status_is(404)), manner::resets_after_the_head};
  made.of_drain = opinion::draining;
  // A check with a body is one that nobody needs.
  if (file.stem() == "http-check-post-body") made.of_healthy = made.of_drain = opinion::down;
  return made;
}

}  // namespace

std::vector<checker> haproxy_checkers() {
  std::vector<checker> all;
  for (const auto& entry : fs::recursive_directory_iterator{SIDECAR_TEST_DATA "/checkers"}) {
    if (entry.path().extension() == ".bin") all.push_back(recorded(entry.path()));
  }
  std::ranges::sort(all, {}, &checker::name);
  const std::string bare = "OPTIONS / HTTP/1.0\r\n\r\n", get = "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n";
  all.push_back({"haproxy_without_rules", bare, status_between(200, 399), manner::resets_after_the_head});
  all.push_back({"haproxy_expect_status_200", get, status_is(200), manner::resets_after_the_head});
  all.push_back({"haproxy_expect_string", get, body_has("OK"), manner::reads_to_the_end});
  all.push_back({"haproxy_linger", bare, status_between(200, 399), manner::closes_after_reading});
  all.push_back({"haproxy_check_reuse_pool", "GET /healthz HTTP/1.1\r\nhost: lb.example\r\n\r\n",
                 status_between(200, 399), manner::asks_again});
  // As for Patroni, whose users take a standby's 503 for down.
  all.push_back(
      {"haproxy_as_for_patroni", "OPTIONS /health HTTP/1.0\r\n\r\n", status_is(200), manner::resets_after_the_head});
  // Its manual's example for ports that speak TLS: any alert or handshake record is up, whatever the pod.
  all.push_back({.name = "haproxy_ssl_hello_chk",
                 .request = test_data("handshakes/haproxy-ssl-hello-chk.bin"),
                 .judges = matches("^[\\x15\\x16]"),
                 .uses = manner::reads_to_the_end,
                 .of_healthy = opinion::down,
                 .is_plain_text = false});
  return all;
}

}  // namespace sidecar::test
