#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/resource_kind.hpp"

namespace sidecar::test {

/// Which flow schema the real server put the request in; its uids are in the headers.
enum class flow {
  none,             ///< turned away before there is a flow: 401
  service_account,  ///< the recordings' service account
  anonymous,        ///< no token
  limited,          ///< the recording with 429
};

/// An answer before it is put in bytes.
struct answer {
  int status = 200;
  flow from = flow::service_account;
  std::string content_type = "application/json";
  std::string retry_after = {};  ///< empty: no such header
  bool nosniff = false;          ///< X-Content-Type-Options
  std::shared_ptr<const std::string> body;
  std::vector<std::size_t> written_in = {};  ///< sizes of the encoder's writes; empty: one
};

/// How the body's end is told. Only `as_go` is right.
enum class framing {
  as_go,                     ///< Content-Length up to 2 KiB, one chunk above, as Go's server does
  content_length_too_long,   ///< promises more than comes
  content_length_too_short,  ///< the document goes on after the promised length
  no_last_chunk,             ///< the last chunk never comes
  until_close,               ///< neither length nor chunks
};

struct rendered_answer {
  std::string bytes;
  std::size_t head_size = 0;
};

/// Status line, headers in the real server's order (a fresh Audit-Id, the Date of now), body. `chunk_size` cuts a
/// chunked body in chunks of that size; 0 sends it in one.
rendered_answer render(const answer& source, bool close, framing ending = framing::as_go, std::size_t chunk_size = 0);

/// The head of a stream. Without a `length` the body comes in chunks, or goes on until the end if `close` is set and
/// `in_chunks` is not.
std::string render_stream_head(bool close, bool in_chunks = true, std::optional<std::size_t> length = std::nullopt);

/// `bytes` as chunks of at most `size` bytes (0: as one), without the last chunk.
std::string as_chunks(std::string_view bytes, std::size_t size = 0);

/// `body` as chunks of at most `size` bytes, with the last chunk; for answers written by hand.
std::string chunked(std::string_view body, std::size_t size);

/// A `Status` document as the body of a failure. `details` is its JSON, or empty for none; so is an empty `reason`.
answer make_status(int code, std::string_view reason, std::string_view message, std::string_view details = {});

answer make_unauthorized();
answer make_not_found(std::string_view name, resource_kind kind = resource_kind::pods);
/// As recorded: text/plain, no Status.
answer make_too_many_requests(std::string_view retry_after = "2");
/// A Status of that code as the real server words it: 410 for a version that is too old, 429, 500, 503, 504.
answer make_failure(int code, std::uint64_t asked = 1, std::uint64_t oldest = 200);
/// The server's cache has not reached the version that a LIST asked for (apiserver: pkg/storage/errors.go; not
/// recorded).
answer make_too_large_version(std::uint64_t asked, std::uint64_t current);
/// As recorded for a resourceVersion that is no number.
answer make_not_a_version(const std::string& version);
/// A server that shuts down (apiserver: pkg/server/filters/waitgroup.go; not recorded).
answer make_unavailable(std::string_view retry_after = "1");

}  // namespace sidecar::test
