#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sidecar/config/load.hpp"

namespace sidecar::probe {

/// What follows `probe` on the command line. Paths are not opened.
struct probe_arguments {
  std::string url{};  ///< a URL; a path for the own port; empty: the own port's /healthz
  int drain_exit = 1;
  std::chrono::milliseconds timeout{1000};
  std::string ca_file{};
  std::string cert_file{};
  std::string key_file{};  ///< empty: the key is in cert_file
  std::vector<std::string> headers{};
  bool help = false;
};

/// PURE. Every error with a hint.
std::variant<probe_arguments, config::configuration_errors> parse_probe_arguments(
    const std::vector<std::string>& arguments);

/// One of probe's options, for --help, the manual page and completions.
struct probe_option {
  std::string_view flag;           ///< "--timeout"
  std::string_view value;          ///< the kind of value
  std::string_view default_value;  ///< empty: none
  std::string_view help;
};
std::span<const probe_option> probe_options() noexcept;

/// What `probe --help` prints.
std::string probe_help_text();

}  // namespace sidecar::probe
