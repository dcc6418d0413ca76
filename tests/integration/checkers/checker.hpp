#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/http_client.hpp"

namespace sidecar::test {

/// What a checker makes of an answer. Draining: no new traffic, and what runs may end.
enum class opinion { up, draining, down };
void PrintTo(opinion shown, std::ostream* out);

/// What came of one check.
struct seen {
  std::string bytes;
  std::optional<http_response> response;  ///< nothing if `bytes` are no complete answer
  std::optional<read_end> end;            ///< nothing if the checker did not wait for the end
};

/// In small letters.
std::string lower(std::string text);

using judge = std::function<opinion(const seen&)>;

/// Up if the status is one of `from` to `to`, whatever else there is.
judge status_between(int from, int to);
judge status_is(int wanted);
/// Up if the whole answer, head and body, matches: F5's `recv`.
judge matches(const std::string& pattern);
/// Up if there is a byte: F5 without `recv`.
judge has_any_byte();
/// Up with a 200 whose body has `text` in its first kilobyte.
judge body_has(const std::string& text);
/// Up if the body has `text` in capitals, small letters or both, whatever the status.
judge body_has_in_any_case(const std::string& text);
/// Up if the MD5 digest of the body is that.
judge body_digest_is(const std::string& wanted);
/// As `otherwise`, but down unless the answer came in full and the connection ended by FIN, over TLS
/// with a close_notify before it or without.
judge ended_in_order(judge otherwise);
/// As `otherwise`, but down if the answer sends the checker elsewhere.
judge sent_nowhere_else(judge otherwise);
/// As `otherwise`, but draining where `drained` says up; `otherwise` is asked first.
judge unless_drained(judge otherwise, judge drained);

/// What a checker does with its connection.
enum class manner {
  reads_to_the_end,      ///< until the server closes it
  ends_its_side_first,   ///< the same, after a half-close
  closes_after_reading,  ///< takes one answer by its length and closes
  resets_after_the_head,
  asks_again,  ///< keeps it for the next check
};

struct checker {
  std::string name;
  std::string request;
  judge judges;
  manner uses = manner::reads_to_the_end;
  opinion of_healthy = opinion::up;  ///< down: it asks for what is never answered with the health
  opinion of_drain = opinion::down;  ///< with DRAIN_STATUS=404
  bool is_plain_text = true;         ///< else the beginning of a TLS handshake of its own
};
void PrintTo(const checker& shown, std::ostream* out);

/// The same question about another path; the same bytes if they ask for none.
std::string with_path(const std::string& request, const std::string& path);

/// One after the other, a checker's checks of one server.
class visitor {
 public:
  /// With a CA (PEM): over TLS.
  visitor(std::uint16_t port, const checker& who, std::string ca = {})
      : port_{port}, checker_{who}, ca_{std::move(ca)} {}

  seen check() { return check(checker_.request); }
  seen check(const std::string& request);

 private:
  std::unique_ptr<http_client> connect() const;

  std::uint16_t port_;
  const checker& checker_;
  std::string ca_;
  std::unique_ptr<http_client> kept_;
};

/// One question on a connection of its own, which the asker closes once it has the answer.
seen ask(std::uint16_t port, const std::string& request);

/// HAProxy of both versions, as recorded.
std::vector<checker> haproxy_checkers();
/// Everybody else, from their documentation.
std::vector<checker> other_checkers();

}  // namespace sidecar::test
