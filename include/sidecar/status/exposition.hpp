#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sidecar::status {

/// Writes Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). By hand: no distribution
/// has a static prometheus-cpp, and Debian's brings a web server and an HTTP client along.
class exposition {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

  enum class type : std::uint8_t { gauge, counter, histogram };
  using label = std::pair<std::string_view, std::string_view>;
  using labels = std::initializer_list<label>;

  /// Begins a metric; its samples follow. `help` is ours: one line without backslashes.
  void begin(std::string_view name, type kind, std::string_view help);

  /// One sample of the metric that was begun; `suffix` is `_bucket`, `_sum` or `_count` of a histogram.
  void sample(double value, labels given = {}, std::string_view suffix = {});
  void sample(std::uint64_t value, labels given = {}, std::string_view suffix = {});

  std::string take() noexcept { return std::move(text_); }

 private:
  void write(std::string_view value, labels given, std::string_view suffix);

  std::string name_;
  std::string text_;
};

}  // namespace sidecar::status
