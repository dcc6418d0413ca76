#include "sidecar/doctor/finding.hpp"

#include <algorithm>
#include <array>

#include "sidecar/base/json_writer.hpp"
#include "sidecar/base/log_format.hpp"
#include "sidecar/base/text_list.hpp"
#include "sidecar/doctor/checks.hpp"

namespace sidecar::doctor {
namespace {

constexpr std::size_t check_width = 13;

std::string_view text_of(level one) noexcept {
  static constexpr std::array names{"ok  ", "warn", "FAIL"};
  return names[static_cast<std::size_t>(one)];
}

std::string_view json_of(level one) noexcept {
  static constexpr std::array names{"ok", "warn", "fail"};
  return names[static_cast<std::size_t>(one)];
}

}  // namespace

finding skipped(std::span<const std::string_view> made_impossible) {
  return {level::warn, checks::skipped, "not checked, because of the failure above: " + joined(made_impossible),
          "mend that first, then run doctor again"};
}

bool has_failed(std::span<const finding> found) noexcept {
  return std::ranges::any_of(found, [](const finding& one) { return one.level == level::fail; });
}

std::string render_text(std::span<const finding> found) {
  std::string out;
  for (const finding& one : found) {
    std::string check{one.check};
    check.resize(std::max(check_width, check.size() + 1), ' ');
    out.append(text_of(one.level)).append("  ").append(check).append(log::message_text(one.what)).append("\n");
    if (one.hint.empty()) continue;
    out.append(4 + 2 + check.size(), ' ').append("-> ").append(log::message_text(one.hint)).append("\n");
  }
  return out;
}

std::string render_json(std::span<const finding> found) {
  json::writer out;
  out.object([&] {
    out.member("failed", has_failed(found));
    out.key("findings").objects(found, [&](const finding& one) {
      out.member("level", json_of(one.level));
      out.member("check", one.check);
      out.member("what", one.what);
      out.member("remedy", one.hint);
    });
  });
  return out.take() + '\n';
}

}  // namespace sidecar::doctor
