#include "support/faults.hpp"

#include <charconv>
#include <limits>
#include <stdexcept>
#include <utility>

#include "support/events.hpp"

namespace sidecar::test {
namespace {

using parameters = std::function<std::optional<std::string>(std::string_view)>;

template <class Value>
struct word {
  std::string_view text;
  Value value;
};

constexpr word<phase> phases[] = {{"connect", phase::connect}, {"handshake", phase::handshake},
                                  {"secured", phase::secured}, {"next-request", phase::next_request},
                                  {"request", phase::request}, {"headers", phase::headers},
                                  {"body", phase::body}};

constexpr word<tls_flaw> flaws[] = {{"wrong-name", tls_flaw::wrong_name},
                                    {"expired", tls_flaw::expired},
                                    {"not-yet-valid", tls_flaw::not_yet_valid},
                                    {"other-authority", tls_flaw::other_authority},
                                    {"common-name-only", tls_flaw::common_name_only},
                                    {"self-signed", tls_flaw::self_signed},
                                    {"old-version", tls_flaw::old_version},
                                    {"http2-only", tls_flaw::http2_only}};

constexpr word<framing> framings[] = {{"length-too-long", framing::content_length_too_long},
                                      {"length-too-short", framing::content_length_too_short},
                                      {"no-last-chunk", framing::no_last_chunk},
                                      {"until-close", framing::until_close}};

constexpr word<afterwards> endings[] = {{"keep", afterwards::keep_open},
                                        {"close", afterwards::close},
                                        {"reset", afterwards::reset},
                                        {"silence", afterwards::silence}};

template <class Value, std::size_t Size>
Value look_up(const word<Value> (&words)[Size], std::string_view name, const std::string& text) {
  std::string known;
  for (const word<Value>& candidate : words) {
    if (candidate.text == text) return candidate.value;
    known.append(known.empty() ? "" : ", ").append(candidate.text);
  }
  throw std::invalid_argument{std::string{name} + " is one of " + known + ", not '" + text + "'"};
}

template <class Value, std::size_t Size>
Value required(const word<Value> (&words)[Size], std::string_view name, const parameters& parameter) {
  const auto text = parameter(name);
  return look_up(words, name, text ? *text : std::string{});
}

std::size_t parse_number(std::string_view name, const std::string& text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument{std::string{name} + " is a number, not '" + text + "'"};
  }
  return value;
}

std::size_t number_or(const parameters& parameter, std::string_view name, std::size_t otherwise) {
  const auto text = parameter(name);
  return text ? parse_number(name, *text) : otherwise;
}

std::chrono::microseconds duration_or(const parameters& parameter, std::string_view name,
                                      std::chrono::microseconds otherwise) {
  const auto text = parameter(name);
  return text ? parse_duration(*text) : otherwise;
}

fault make(fault_kind kind, phase at) {
  fault result;
  result.kind = kind;
  result.at = at;
  return result;
}

fault parse_raw(const parameters& parameter) {
  const auto bytes = parameter("bytes");
  if (!bytes || bytes->empty()) throw std::invalid_argument{"raw needs bytes, percent-encoded"};
  return raw_answer(*bytes, look_up(endings, "then", parameter("then").value_or("keep")));
}

fault parse_kind(const std::string& kind, const parameters& parameter) {
  using std::chrono::microseconds;
  if (kind == "pause") return pause_at(required(phases, "at", parameter), microseconds{0});
  if (kind == "silence") return silence_at(required(phases, "at", parameter));
  if (kind == "reset") return reset_at(required(phases, "at", parameter));
  if (kind == "close") return close_at(required(phases, "at", parameter));
  if (kind == "tls") return with_flaw(required(flaws, "flaw", parameter));
  if (kind == "429") return too_many_requests(parameter("retry-after").value_or("2"));
  if (kind == "503") return unavailable(parameter("retry-after").value_or("1"));
  if (kind == "forbidden") return forbidden_for(microseconds{0});
  if (kind == "cache-behind") return cache_behind();
  if (kind == "raw") return parse_raw(parameter);
  if (kind == "flood") return flood();
  if (kind == "drip") {
    return drip(number_or(parameter, "piece", 1), duration_or(parameter, "interval", std::chrono::milliseconds{50}));
  }
  if (kind == "reframe") return reframe(required(framings, "ending", parameter));
  if (kind == "chunks") return in_chunks_of(number_or(parameter, "piece", 1));
  throw std::invalid_argument{"unknown kind '" + kind + "'; " + std::string{fault_help()}};
}

}  // namespace

fault refuse() { return make(fault_kind::refuse, phase::connect); }

fault pause_at(phase at, std::chrono::microseconds delay) {
  fault result = make(fault_kind::pause, at);
  result.delay = delay;
  return result;
}

fault silence_at(phase at) { return make(fault_kind::silence, at); }

fault reset_at(phase at) { return make(fault_kind::reset, at); }

fault close_at(phase at, bool close_notify) {
  fault result = make(fault_kind::close, at);
  result.close_notify = close_notify;
  return result;
}

fault with_flaw(tls_flaw flaw) {
  fault result = make(fault_kind::tls, phase::connect);
  result.flaw = flaw;
  return result;
}

fault reply_with(std::function<answer()> reply) {
  fault result = make(fault_kind::reply, phase::request);
  result.reply = std::move(reply);
  return result;
}

fault raw_answer(std::string bytes, afterwards then) {
  fault result = make(fault_kind::raw, phase::request);
  result.bytes = std::move(bytes);
  result.then = then;
  return result;
}

fault flood(std::string head, std::string repeated) {
  fault result = make(fault_kind::flood, phase::request);
  result.bytes = std::move(head);
  result.repeated = std::move(repeated);
  if (result.bytes.empty() && result.repeated.empty()) {
    result.bytes = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n";
    result.repeated = "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
  }
  return result;
}

fault drip(std::size_t piece, std::chrono::microseconds interval) {
  fault result = make(fault_kind::drip, phase::request);
  result.piece = piece == 0 ? 1 : piece;
  result.interval = interval;
  return result;
}

fault reframe(framing ending, bool close_notify) {
  fault result = make(fault_kind::reframe, phase::request);
  result.ending = ending;
  result.close_notify = close_notify;
  result.then = afterwards::close;
  return result;
}

fault in_chunks_of(std::size_t size) {
  fault result = make(fault_kind::reframe, phase::request);
  result.chunk_size = size == 0 ? 1 : size;
  return result;
}

fault too_many_requests(std::string retry_after) {
  return reply_with([value = std::move(retry_after)] { return make_too_many_requests(value); });
}

fault unavailable(std::string retry_after) {
  return reply_with([value = std::move(retry_after)] { return make_unavailable(value); });
}

fault forbidden_for(std::chrono::microseconds time) {
  // No reply of its own: the server answers as if the sender had no rights.
  fault result = make(fault_kind::reply, phase::request);
  result.lasts = time;
  return result;
}

fault cache_behind() { return for_lists(make(fault_kind::behind, phase::request)); }

fault refused(int status) {
  if (status == 403) return forbidden_for(std::chrono::microseconds{0});
  if (status == 401) return reply_with(make_unauthorized);
  return reply_with([status] { return make_failure(status); });
}

fault watch_oddly(odd_watch oddity) {
  fault result = make(fault_kind::watch, phase::request);
  result.only = asked_for::watch;
  result.watch = std::move(oddity);
  return result;
}

fault watch_error(int code, unsigned after_events) { return watch_oddly({.error = code, .error_after = after_events}); }

fault unknown_event(const std::string& type) { return watch_oddly({.first = event_line(type, pod{})}); }

fault half_event(bool close_notify) {
  return watch_oddly({.torn = close_notify ? watch_end::half_event : watch_end::half_event_truncated});
}

fault events_together(unsigned count) { return watch_oddly({.together = count == 0 ? 1 : count}); }

fault bookmarks_only(std::chrono::microseconds every) { return watch_oddly({.bookmarks = every}); }

fault versions_fall() {
  return watch_oddly({.edit = [](std::string line, std::uint64_t index, std::uint64_t since) {
    return with_version(std::move(line), since > index + 1 ? since - index - 1 : 1);
  }});
}

fault versions_stay() {
  return watch_oddly({.edit = [](std::string line, std::uint64_t, std::uint64_t since) {
    return with_version(std::move(line), since);
  }});
}

fault huge_event(std::size_t size) { return watch_oddly({.first = huge_event_line(size)}); }

fault short_watches(std::chrono::microseconds life, bool last_chunk) {
  return watch_oddly({.life = life, .last_chunk = last_chunk});
}

fault watch_with_length() { return watch_oddly({.framing = odd_watch::frames::content_length}); }

fault watch_until_close() { return watch_oddly({.framing = odd_watch::frames::until_close}); }

fault headers_at_once() { return watch_oddly({.headers_at_once = true}); }

fault headers_withheld() { return watch_oddly({.headers_at_once = false}); }

fault for_watches(fault what) {
  what.only = asked_for::watch;
  return what;
}

fault for_gets(fault what) {
  what.only = asked_for::get;
  return what;
}

fault for_lists(fault what) {
  what.only = asked_for::list;
  return what;
}

fault for_nodes(fault what) {
  what.whom = meets::nodes;
  return what;
}

fault times(unsigned count, fault what) {
  what.count = count;
  return what;
}

bool is_action(const fault& trouble) noexcept {
  return trouble.kind == fault_kind::pause || trouble.kind == fault_kind::silence ||
         trouble.kind == fault_kind::reset || trouble.kind == fault_kind::close;
}

odd_watch oddity_of(const fault& trouble) {
  odd_watch odd = trouble.watch;
  if (trouble.kind != fault_kind::reframe) return odd;
  odd.chunk_size = trouble.chunk_size;
  if (trouble.ending == framing::no_last_chunk) odd.last_chunk = false;
  if (trouble.ending == framing::until_close) odd.framing = odd_watch::frames::until_close;
  return odd;
}

std::chrono::microseconds parse_duration(std::string_view text) {
  using std::chrono::microseconds;
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr word<long> units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};
  for (const word<long>& candidate : units) {
    if (error == std::errc{} && value >= 0 && value <= 86400 * 1000000L / candidate.value && candidate.text == unit) {
      return microseconds{value * candidate.value};
    }
  }
  throw std::invalid_argument{"a duration is like 700us, 20ms or 2s, not '" + std::string{text} + "'"};
}

fault parse_fault(const parameters& parameter) {
  const auto kind = parameter("kind");
  if (!kind) throw std::invalid_argument{"kind is missing; " + std::string{fault_help()}};
  fault result = parse_kind(*kind, parameter);
  result.lasts = duration_or(parameter, "lasts", result.lasts);
  result.delay = duration_or(parameter, "delay", result.delay);
  return result;
}

std::string_view fault_help() noexcept {
  return "kind=pause at | silence at | reset at | close at | tls flaw | 429 retry-after | 503 retry-after | "
         "forbidden | cache-behind | raw bytes then | flood | drip piece interval | reframe ending | chunks piece; "
         "with every kind: lasts, delay";
}

}  // namespace sidecar::test
