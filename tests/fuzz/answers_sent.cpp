#include "fuzz/answers_sent.hpp"

#include <algorithm>
#include <charconv>

#include "fuzz/fuzz.hpp"

namespace sidecar::fuzz {
namespace {

constexpr std::string_view version = "HTTP/1.1 ";

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  require(end != rest.npos, "an answer is whole");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

unsigned number(std::string_view digits) {
  unsigned value = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  require(failed == std::errc{} && end == digits.data() + digits.size(), "a number is one");
  return value;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void read_status_line(std::string_view line, answer_sent& into) {
  require(take_prefix(line, version) && line.size() > 4 && line[3] == ' ', "an answer begins with a status line");
  into.status = number(line.substr(0, 3));
  into.phrase = line.substr(4);
  const auto plain = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' '; };
  require(std::ranges::all_of(into.phrase, plain), "a phrase has letters");
}

/// Reads the fields and the empty line; returns the body's size.
unsigned read_fields(std::string_view& rest, answer_sent& into) {
  unsigned size = 0;
  int lines = 0;
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
    require(++lines <= 8, "an answer has few fields");
    if (take_prefix(line, "Content-Length: ")) {
      size = number(line);
    } else if (take_prefix(line, "X-Health-Held: ")) {
      number(line);
      into.held = true;
    } else if (line == "X-Health-Drain: true") {
      require(into.status != 200, "no healthy answer is a drain");
    } else if (line == "Connection: close") {
      into.closes = true;
    } else {
      require(line == "Content-Type: text/plain; charset=utf-8" || line == "Cache-Control: no-store" ||
                  line == "X-Content-Type-Options: nosniff" || line == "Connection: keep-alive" ||
                  (line == "Allow: GET, HEAD, OPTIONS" && into.status == 405),
              "an answer has the daemon's own fields and no other");
    }
  }
  return size;
}

/// The body that an answer has, by its size; a HEAD's has none.
void read_body(std::string_view& rest, unsigned size, answer_sent& into) {
  const auto verdict = "UNAVAILABLE " + into.phrase;
  into.about_the_pod = size == verdict.size() || into.status == 200;
  const std::string_view body = into.status == 200           ? "OK"
                                : into.about_the_pod         ? std::string_view(verdict)
                                : size == into.phrase.size() ? std::string_view(into.phrase)
                                                             : "This port speaks TLS";
  require(size == body.size(), "a body has its size");
  take_prefix(rest, body);
}

bool contains_ok(std::string_view text) {
  const auto is = [](char c, char lower) { return c == lower || c == lower - 'a' + 'A'; };
  const auto found = std::ranges::adjacent_find(text, [&](char o, char k) { return is(o, 'o') && is(k, 'k'); });
  return found != text.end();
}

answer_sent read_answer(std::string_view& rest) {
  const auto start = rest;
  answer_sent made;
  read_status_line(take_line(rest), made);
  const auto size = read_fields(rest, made);
  read_body(rest, size, made);
  const auto bytes = start.substr(0, start.size() - rest.size());
  require(made.status == 200 || !contains_ok(bytes), "only a 200 has these two letters");
  return made;
}

}  // namespace

answers_sent read_answers(std::string_view bytes) {
  answers_sent made;
  while (bytes.starts_with(version)) {
    require(made.answers.empty() || !made.answers.back().closes, "nothing follows the last answer");
    made.answers.push_back(read_answer(bytes));
  }
  made.bare_body = bytes == "OK";
  require(made.bare_body || bytes.empty(), "nothing is sent but answers");
  return made;
}

}  // namespace sidecar::fuzz
