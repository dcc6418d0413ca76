#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sidecar/config/config.hpp"
#include "sidecar/health/verdict.hpp"
#include "sidecar/http/request.hpp"

namespace sidecar::http {

/// What becomes of the connection after an answer, as far as the answer must say so.
enum class connection_header : std::uint8_t {
  none,        ///< HTTP/1.1 keeps it anyway
  keep_alive,  ///< for an HTTP/1.0 client with keep-alive
  close,
};

/// The status line and the fields that every answer has, the status port's too, in place of what `bytes` were.
void begin_head(std::string& bytes, unsigned status, std::string_view phrase, std::size_t body_size,
                std::string_view content_type = "text/plain; charset=utf-8");
/// The last field and the empty line.
void end_head(std::string& bytes, connection_header connection);

/// The bytes of every answer.
///
/// A 200 says `OK`, nothing else ever contains these two letters side by side in any case: some load balancers search
/// for them. Nothing is a 3xx: many count that as healthy. The reason phrase of an unhealthy answer is the reason,
/// since HAProxy shows operators that phrase. In node mode every answer about a workload has
/// `X-Load-Balancing-Endpoint-Weight`, its number of ready pods, as kube-proxy's healthCheckNodePort sends it
/// (kubernetes pkg/proxy/healthcheck/service_health.go). A drain has `X-Health-Drain: true`, whatever its status.
class responses {
 public:
  /// Both 400 to 599. No answer but a drain (health::is_drain) has the status of a drain: an error with the same
  /// status, such as the 404 of an unknown path, becomes 400, so that a typo in a load balancer's path is no drain.
  explicit responses(health::unhealthy_statuses statuses, config::run_mode mode = config::run_mode::sidecar) noexcept
      : statuses_(statuses), mode_(mode) {}

  /// The answer to a health query; a held one says the age of its snapshot. `with_body` is false for HEAD: the same
  /// head, nothing after it. `bytes`: a string whose memory is reused; its content is discarded.
  std::string render(const health::answer& given, connection_header connection, bool with_body,
                     std::string bytes = {}) const;

  std::string render(refusal why, connection_header connection, bool with_body, std::string bytes = {}) const;

  /// The answer of /livez: the process runs.
  std::string render_alive(connection_header connection, bool with_body, std::string bytes = {}) const;

  /// The whole answer to an HTTP/0.9 request, only if the verdict is healthy.
  static constexpr std::string_view healthy_body = "OK";

  /// The status of these answers.
  std::uint16_t status(const health::verdict& given) const noexcept;
  std::uint16_t status(refusal why) const noexcept;

 private:
  health::unhealthy_statuses statuses_;
  config::run_mode mode_;
};

}  // namespace sidecar::http
