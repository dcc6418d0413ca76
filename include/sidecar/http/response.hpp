#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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
/// since HAProxy shows operators that phrase. A drain has `X-Health-Drain: true`, whatever its status.
class responses {
 public:
  /// Both 400 to 599: `unhealthy_status` for unhealthy and unknown verdicts, `drain_status` for those that are a drain
  /// (health::is_drain). No other answer has `drain_status`: an error with the same status, such as the 404
  /// of an unknown path, becomes 400, so that a typo in a load balancer's path is no drain.
  explicit responses(unsigned unhealthy_status, unsigned drain_status);
  explicit responses(unsigned unhealthy_status) : responses(unhealthy_status, unhealthy_status) {}

  /// `with_body` is false for HEAD: the same head, nothing after it.
  std::string_view verdict(health::reason why, connection_header connection, bool with_body) const noexcept;

  /// A held answer, with the age of its snapshot.
  std::string held(health::reason why, std::chrono::seconds age, connection_header connection, bool with_body) const;

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
  static constexpr std::size_t refusals = 8;
  using variants = std::array<rendered, connection_headers>;

  static rendered render(unsigned status, std::string_view phrase, std::string_view body, std::string_view extra,
                         connection_header connection);
  unsigned status_of_refusal(unsigned usual) const noexcept;
  rendered render_verdict(health::reason why, std::string_view extra, connection_header connection) const;

  unsigned unhealthy_status_;
  unsigned drain_status_;
  std::array<variants, health::reason_count> verdicts_;
  std::array<variants, refusals> refusals_;
  variants alive_;
};

}  // namespace sidecar::http
