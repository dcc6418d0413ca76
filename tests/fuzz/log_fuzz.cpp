// Hostile text in the log: whatever the bytes, one line of printable UTF-8 within its limit, which a collector can
// read.

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/fuzz.hpp"
#include "sidecar/base/log_format.hpp"

namespace sidecar::fuzz {
namespace {

void check_printable(std::string_view text, std::size_t limit) {
  const auto shown = log::printable(text, limit);
  require(shown.size() <= limit, "a text is no longer than its limit");
  require(is_one_printable_line(shown), "a text is one printable line");
  const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (text.size() <= limit && std::ranges::all_of(text, plain)) require(shown == text, "plain text stays as it is");
}

void check_text(std::string_view line) {
  require(line.size() <= log::max_line, "a line is no longer than its limit");
  require(is_one_printable_line(line), "a line is one printable line");
}

void check_json(std::string_view line) {
  check_text(line);
  const auto read = nlohmann::json::parse(line, nullptr, false);
  require(read.is_object() && read.contains("time") && read.contains("message"), "a line is a JSON object");
  require(read["level"] == "warn", "nobody but us sets the level");
}

}  // namespace

void try_input(std::string_view input) {
  choices chosen(input);
  const std::size_t limit = chosen.byte() * 4;
  const std::size_t cut_at = chosen.byte();
  const auto text = chosen.rest();
  check_printable(text, limit);
  const auto name = text.substr(0, cut_at);
  const std::string value(text.substr(std::min(cut_at, text.size())));
  const std::initializer_list<log::field> extra{
      {name, value}, {"detail", std::string(text)}, {value, std::string(name)}};
  check_text(log::format_line({}, log::level::warn, text, extra, log::format::text));
  check_json(log::format_line({}, log::level::warn, text, extra, log::format::json));
}

}  // namespace sidecar::fuzz
