#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

/// Every answer as ready bytes, rendered once. Views stay valid as long as this object.
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
  explicit responses(health::unhealthy_statuses statuses, config::run_mode mode = config::run_mode::sidecar);

  /// The answer to a health query, if it is ready; otherwise empty. `with_body` is false for HEAD: the same head,
  /// nothing after it.
  std::string_view ready(const health::answer& given, connection_header connection, bool with_body) const noexcept;

  /// Any answer to a health query: also a held one, which says the age of its snapshot, and one with a weight above
  /// `ready_weights`.
  std::string render(const health::answer& given, connection_header connection, bool with_body) const;

  /// The whole answer to an HTTP/0.9 request, only if the verdict is healthy.
  static constexpr std::string_view healthy_body = "OK";

  /// The answer of /livez: the process runs.
  std::string_view alive(connection_header connection, bool with_body) const noexcept;

  std::string_view refused(refusal why, connection_header connection, bool with_body) const noexcept;

  /// The status of these answers.
  std::uint16_t status(const health::verdict& given) const noexcept;
  std::uint16_t status(refusal why) const noexcept;

 private:
  struct rendered {
    std::string bytes;
    std::size_t head = 0;
    std::string_view view(bool with_body) const noexcept;
  };
  static constexpr std::size_t connection_headers = 3;
  static constexpr unsigned ready_weights = 16;  ///< more pods of one workload are rare on a node
  static constexpr std::size_t refusals = 8;
  using variants = std::array<rendered, connection_headers>;

  static rendered render(unsigned status, std::string_view phrase, std::string_view body, std::string_view extra,
                         connection_header connection);
  unsigned status_of_refusal(unsigned usual) const noexcept;
  rendered render_verdict(health::reason why, std::string_view extra, connection_header connection) const;

  health::unhealthy_statuses statuses_;
  std::array<variants, health::reason_count> verdicts_;
  std::array<variants, refusals> refusals_;
  variants alive_;
  std::vector<variants> weighted_;  ///< node mode: a healthy answer by the number of ready pods
};

}  // namespace sidecar::http
