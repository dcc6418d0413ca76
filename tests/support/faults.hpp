#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "support/answers.hpp"
#include "support/resource_request.hpp"
#include "support/watch_faults.hpp"

namespace sidecar::test {

/// Where in a connection's life something goes wrong.
enum class phase {
  connect,       ///< accepted; not a byte read
  handshake,     ///< the ClientHello read, half of the server's flight sent
  secured,       ///< the handshake done, no request read (without TLS: as `connect`)
  next_request,  ///< the first bytes of another request on a connection that has had an answer
  request,       ///< a request read in full, nothing sent
  headers,       ///< half of the answer's head sent
  body,          ///< the head and half of the body sent
};

enum class fault_kind {
  refuse,   ///< nobody listens; lasts until the faults are cleared
  pause,    ///< wait `delay`, then go on
  silence,  ///< never say anything again
  reset,    ///< RST
  close,    ///< FIN, with a close_notify before it or not
  tls,      ///< another certificate or another idea of TLS
  reply,    ///< another answer, rendered as the real server would
  raw,      ///< any bytes
  flood,    ///< `bytes` once, then `repeated` for as long as the peer takes it
  drip,     ///< the right answer, `piece` bytes every `interval`
  reframe,  ///< the right answer with a wrong or odd end, or in small chunks
  behind,   ///< the watch cache has not reached the version that a LIST asks for; other requests do not meet it
  watch,    ///< a watch that is odd in the ways of `odd_watch`; other requests do not meet it
};

/// What is wrong with the server's side of TLS.
enum class tls_flaw {
  wrong_name,        ///< a certificate of the right CA for another host and address
  expired,           ///< since an hour
  not_yet_valid,     ///< for another hour
  other_authority,   ///< signed by a CA of the same name with another key
  common_name_only,  ///< the address in the subject, no subjectAltName
  self_signed,       ///< nobody's
  old_version,       ///< TLS 1.1 at most
  http2_only,        ///< ALPN: h2 or no connection
};

/// What follows the bytes of a scripted answer.
enum class afterwards { keep_open, close, reset, silence };

/// Whose requests meet a fault.
enum class meets {
  /// All that are not for nodes. Those for nodes too, if the fault is neither for some kind of request nor counted:
  /// a server that is out is out for them as well, and a test that counts is about pods.
  not_only_nodes,
  nodes,
};

/// One thing that goes wrong, for the next `count` connections or requests (0: all of them, until cleared) and, if
/// `lasts` is set, no longer than that after it was put in. Made by the functions below.
struct fault {
  fault_kind kind = fault_kind::pause;
  phase at = phase::request;
  asked_for only = asked_for::anything;  ///< which requests meet it; connections have no such difference
  meets whom = meets::not_only_nodes;
  unsigned count = 0;
  std::chrono::microseconds lasts{0};
  std::chrono::microseconds delay{0};  ///< waited before the rest, for every kind but `refuse`
  bool close_notify = true;            ///< whether a close over TLS is announced
  tls_flaw flaw = tls_flaw::wrong_name;
  std::function<answer()> reply = {};
  std::string bytes = {};
  std::string repeated = {};
  afterwards then = afterwards::keep_open;
  std::size_t piece = 1;
  std::chrono::microseconds interval{0};
  framing ending = framing::as_go;
  std::size_t chunk_size = 0;
  odd_watch watch = {};
};

fault refuse();
fault pause_at(phase at, std::chrono::microseconds delay);
fault silence_at(phase at);
fault reset_at(phase at);
fault close_at(phase at, bool close_notify = true);
fault with_flaw(tls_flaw flaw);
fault reply_with(std::function<answer()> reply);
fault raw_answer(std::string bytes, afterwards then = afterwards::keep_open);
/// A chunked answer that never ends, unless other bytes are given.
fault flood(std::string head = {}, std::string repeated = {});
fault drip(std::size_t piece, std::chrono::microseconds interval);
/// A close follows; it is announced by a close_notify or not.
fault reframe(framing ending, bool close_notify = true);
fault in_chunks_of(std::size_t size);
fault too_many_requests(std::string retry_after = "2");
fault unavailable(std::string retry_after = "1");
/// What a server says to an allowed service account while its RBAC cache fills, about a second after its start.
fault forbidden_for(std::chrono::microseconds time);

/// Every LIST with a resourceVersion is told that the server's cache is older than that, at once (the real server waits
/// 3 s: see `delay`). Lists without one are read from etcd and right.
fault cache_behind();

/// 401, 410, 429, 500, 503 or 504 as a Status, 403 in the words of RBAC.
fault refused(int status);

/// @name Watches that are answered, but oddly. All faults above work on watches as well: a head or a first event of
/// which half comes (`phase::headers`, `phase::body`), a drip, a reset.
/// @{
fault watch_oddly(odd_watch oddity);
/// An ERROR event after so many others, and the end.
fault watch_error(int code, unsigned after_events = 0);
/// A line of that type first.
fault unknown_event(const std::string& type = "PATCHED");
/// Half of the first event, then the end of the connection.
fault half_event(bool close_notify = true);
/// Events wait until there are so many, and come in one chunk.
fault events_together(unsigned count = 2);
/// No change comes, but bookmarks do.
fault bookmarks_only(std::chrono::microseconds every);
/// Every event has an older resourceVersion than the one before, the first than the one that was asked from.
fault versions_fall();
/// Every event has the resourceVersion that was asked from.
fault versions_stay();
/// A line of that length or a little more first.
fault huge_event(std::size_t size);
fault short_watches(std::chrono::microseconds life, bool last_chunk = true);
/// Content-Length of what is due when the first event is; that is all.
fault watch_with_length();
/// No chunks, Connection: close.
fault watch_until_close();
fault headers_at_once();
/// With the first event.
fault headers_withheld();
/// @}

/// Only for those requests.
fault for_watches(fault what);
fault for_gets(fault what);
fault for_lists(fault what);
/// Only for those of nodes, with the ones above or without: `for_nodes(for_watches(reset_at(phase::body)))`. Not for
/// what goes wrong before there is a request.
fault for_nodes(fault what);

/// The same fault, for the next `count` only.
fault times(unsigned count, fault what);

/// It happens to the connection while the answer stays right.
bool is_action(const fault& trouble) noexcept;
/// How it shows in a watch that is answered.
odd_watch oddity_of(const fault& trouble);

/// A fault from words, as the stand-in's control address gets them: `parameter("kind")` and so on give the value or
/// nothing. Throws std::invalid_argument with a message for people.
fault parse_fault(const std::function<std::optional<std::string>(std::string_view)>& parameter);

/// "700us", "20ms", "2s". Throws std::invalid_argument.
std::chrono::microseconds parse_duration(std::string_view text);

/// The one line that says what `parse_fault` takes.
std::string_view fault_help() noexcept;

}  // namespace sidecar::test
