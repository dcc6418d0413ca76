#include "sidecar/probe/probe_arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "sidecar/base/log.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/probe/probe_request.hpp"

namespace sidecar::probe {
namespace {

using namespace std::chrono_literals;

constexpr std::array table{
    probe_option{"--drain-exit", "N", "1", "exit code for a drain (X-Health-Drain: true), 0 to 255"},
    probe_option{"--timeout", "DURATION", "1s", "the maximum time to the complete response, 10ms to 1h"},
    probe_option{"--ca-file", "PATH", "", "CA bundle (PEM) for https; of the own port: its certificate"},
    probe_option{"--cert", "PATH", "", "client certificate (PEM), with its chain"},
    probe_option{"--key", "PATH", "", "its private key (PEM); without it, the key is in the file of --cert"},
    probe_option{"--header", "'NAME: VALUE'", "", "a header of the request; repeat it for more"},
};

constexpr std::string_view probe_help_start = R"(Usage: http-healthcheck-sidecar probe [URL | /PATH] [--NAME=VALUE]...

Queries a health port once, prints the reason as one line, and exits: 0 up, 1 everything else,
wrong usage and this text included. Only the status 200 is up; redirects are not followed. Without
a URL it asks the sidecar of the same environment (its LISTEN and TLS_CERT) for /healthz or /PATH.

)";

constexpr std::string_view probe_help_end = R"(
Example: a drain is weight 0 for keepalived's MISC_CHECK with misc_dynamic
  http-healthcheck-sidecar probe http://node-a:31313/healthz --drain-exit=2
)";

std::string shown(std::string_view flag, std::string_view value) {
  constexpr std::size_t max_shown = 128;
  return std::string{flag} + "=\"" + log::printable(value, max_shown) + "\": ";
}

/// The texts as given.
struct texts {
  std::string drain_exit{"1"};
  std::string timeout{"1s"};
  probe_arguments read{};
};

config::configuration_errors split(std::vector<std::string> arguments, texts& out) {
  CLI::App parser;
  parser.set_help_flag();  // CLI11's own would print its own text
  parser.add_flag("-h,--help", out.read.help);
  // In the order of `table`; its last row, --header, may be repeated and is added below.
  const std::array<std::string*, 5> targets{&out.drain_exit, &out.timeout, &out.read.ca_file, &out.read.cert_file,
                                            &out.read.key_file};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    parser.add_option(std::string{table[i].flag}, *targets[i])->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  parser.add_option(std::string{table.back().flag}, out.read.headers)
      ->type_size(1)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  parser.add_option("url", out.read.url);
  std::ranges::reverse(arguments);  // CLI11 expects the last argument first
  try {
    parser.parse(std::move(arguments));
  } catch (const CLI::Error& error) {
    return {log::printable(error.what()) + " (see probe --help)"};
  }
  return {};
}

void check_url(const probe_arguments& read, config::configuration_errors& found) {
  const auto hint = [](const auto& outcome) {
    const auto* refused = std::get_if<config::refusal>(&outcome);
    return refused == nullptr ? std::string{} : refused->hint;
  };
  if (read.url.empty()) return;
  const auto problem = read.url.starts_with('/') ? hint(parse_probe_target(read.url)) : hint(parse_probe_url(read.url));
  if (!problem.empty()) found.push_back(shown("URL", read.url) + problem);
}

}  // namespace

std::variant<probe_arguments, config::configuration_errors> parse_probe_arguments(
    const std::vector<std::string>& arguments) {
  texts given;
  auto found = split(arguments, given);
  auto& read = given.read;
  if (read.help) return probe_arguments{.help = true};
  if (!found.empty()) return found;
  const auto exit_code = config::parse_digits(given.drain_exit);
  if (!exit_code || *exit_code > 255) {
    found.push_back(shown("--drain-exit", given.drain_exit) + "write an exit code from 0 to 255");
  } else {
    read.drain_exit = static_cast<int>(*exit_code);
  }
  const auto timeout = config::parse_duration(given.timeout, 10ms, 1h);
  if (const auto* refused = std::get_if<config::refusal>(&timeout)) {
    found.push_back(shown("--timeout", given.timeout) + refused->hint);
  } else {
    read.timeout = std::get<std::chrono::milliseconds>(timeout);
  }
  check_url(read, found);
  for (const auto& header : read.headers) {
    if (const auto problem = header_problem(header); !problem.empty())
      found.push_back(shown("--header", header) + problem);
  }
  if (!read.key_file.empty() && read.cert_file.empty()) {
    found.push_back(shown("--key", read.key_file) + "a private key needs its certificate: name it with --cert");
  }
  if (!found.empty()) return found;
  return std::move(read);
}

std::span<const probe_option> probe_options() noexcept { return table; }

std::string probe_help_text() {
  std::string out{probe_help_start};
  for (const auto& one : table) {
    out.append("  ").append(one.flag).append(" ").append(one.value);
    if (!one.default_value.empty()) out.append("  (default ").append(one.default_value).append(")");
    out.append("\n      ").append(one.help).append("\n");
  }
  return out.append(probe_help_end);
}

}  // namespace sidecar::probe
