#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sidecar::doctor {

/// `warn`: health checks are answered, but not as the operator may expect. `fail`: something is broken.
enum class level : std::uint8_t { ok, warn, fail };

/// The result of one check. Texts may contain foreign bytes; rendering makes them printable.
struct finding {
  doctor::level level;
  std::string_view check;  ///< one of checks.hpp
  std::string what;        ///< the fact and its consequence
  std::string hint{};      ///< what to do, as an imperative; empty: nothing
};
using findings = std::vector<finding>;

/// That a failure made these checks impossible.
finding skipped(std::span<const std::string_view> made_impossible);

bool has_failed(std::span<const finding> found) noexcept;

/// PURE. A line each, and another one for a hint:
///   FAIL  permissions  system:serviceaccount:demo:sidecar may not get the pod
///                      -> kubectl create role ...
std::string render_text(std::span<const finding> found);

/// PURE. {"failed":true,"findings":[{"level":"fail","check":"permissions","what":"...","remedy":"..."}]}, one line.
std::string render_json(std::span<const finding> found);

}  // namespace sidecar::doctor
