#include "sidecar/config/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sidecar::config {
namespace {

using std::chrono::milliseconds;

struct unit {
  std::string_view name;
  std::uint64_t in_milliseconds;
};
constexpr std::array<unit, 4> units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

constexpr std::string_view lower_letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view digits = "0123456789";

std::string_view take_while(std::string_view& text, std::string_view alphabet) noexcept {
  const std::string_view taken = text.substr(0, text.find_first_not_of(alphabet));
  text.remove_prefix(taken.size());
  return taken;
}

bool is_zero(std::string_view number) noexcept {
  return number.find('0') == 0 && number.back() == '0' && number.find_first_not_of("0.") == std::string_view::npos &&
         std::ranges::count(number, '.') <= 1;
}

// A number such as "12" or "1.5" before a unit, as whole numbers, because 0.1 has no exact double.
struct decimal {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;  // the number is whole + fraction / scale
};

// Beyond every bound of an option, and small enough that no product below overflows. Larger numbers count as this one,
// so that they are refused for their size and not for their form.
constexpr std::uint64_t huge = 1'000'000'000;

std::optional<decimal> take_decimal(std::string_view& text) noexcept {
  constexpr std::size_t max_digits = 9;
  const std::string_view whole = take_while(text, digits);
  if (whole.empty()) return std::nullopt;
  decimal out{.whole = std::min(parse_digits(whole).value_or(huge), huge)};
  if (!text.starts_with('.')) return out;
  text.remove_prefix(1);
  const std::string_view fraction = take_while(text, digits);
  if (fraction.empty() || fraction.size() > max_digits) return std::nullopt;
  for (const char digit : fraction) {
    out.fraction = out.fraction * 10 + static_cast<std::uint64_t>(digit - '0');
    out.scale *= 10;
  }
  return out;
}

// In milliseconds; empty if the text is no duration. Each unit occurs once, the largest first, as in 1h30m.
std::optional<std::uint64_t> parse_units(std::string_view text) noexcept {
  std::uint64_t total = 0;
  auto smaller = units.begin();
  do {
    const auto number = take_decimal(text);
    const auto name = take_while(text, lower_letters);
    const auto found = std::find_if(smaller, units.end(), [name](const unit& one) { return one.name == name; });
    if (!number || found == units.end()) return std::nullopt;
    const std::uint64_t scaled_fraction = number->fraction * found->in_milliseconds;
    if (scaled_fraction % number->scale != 0) return std::nullopt;
    total += number->whole * found->in_milliseconds + scaled_fraction / number->scale;
    smaller = found + 1;
  } while (!text.empty());
  return total;
}

bool is_plain_number(std::string_view text) noexcept {
  const std::string_view whole = take_while(text, digits);
  if (text.starts_with('.')) text.remove_prefix(1);
  take_while(text, digits);
  return !whole.empty() && text.empty();
}

}  // namespace

std::optional<std::uint64_t> parse_digits(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

parsed<milliseconds> parse_duration(std::string_view text, milliseconds min, milliseconds max) {
  if (!is_zero(text) && is_plain_number(text)) {
    const std::string number{text.substr(0, 9)};
    return refusal{"add a unit, as in " + number + "s or " + number + "ms (h, m, s and ms are known)"};
  }
  const auto value = is_zero(text) ? std::optional<std::uint64_t>{0} : parse_units(text);
  if (!value) return refusal{"write a duration such as 30s, 900ms, 2m, 1h, 1m30s or 0, in whole milliseconds"};
  const milliseconds duration{static_cast<milliseconds::rep>(*value)};
  if (duration < min) return refusal{"write at least " + to_text(min)};
  if (duration > max) return refusal{"write at most " + to_text(max)};
  return duration;
}

std::string to_text(milliseconds duration) {
  if (duration <= milliseconds::zero()) return "0";
  std::string out;
  auto rest = static_cast<std::uint64_t>(duration.count());
  for (const unit& one : units) {
    if (rest < one.in_milliseconds) continue;
    out += std::to_string(rest / one.in_milliseconds) + std::string{one.name};
    rest %= one.in_milliseconds;
  }
  return out;
}

parsed<double> parse_rate(std::string_view text) {
  constexpr std::size_t max_length = 32;
  constexpr double max_rate = 1'000'000;
  double value = 0;
  const bool plain = is_plain_number(text) && text.size() <= max_length;
  if (!plain || std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{} || value > max_rate) {
    return refusal{"write calls per second as a number from 0 to 1000000, such as 10 or 2.5; 0 is unlimited"};
  }
  return value;
}

}  // namespace sidecar::config
