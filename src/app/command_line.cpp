#include "sidecar/app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/log.hpp"
#include "sidecar/base/version.hpp"

namespace sidecar::app {
namespace {

using arguments = std::vector<std::string>;

bool is_option_flag(std::string_view text) {
  return std::ranges::any_of(config::options(),
                             [text](const config::option& one) { return config::flag_name(one.name) == text; });
}

// For "--name=" CLI11 would take the next argument as the value; here it means an empty value.
arguments keep_empty_values(int argc, const char* const* argv) {
  arguments out;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const bool ends_empty = argument.ends_with('=') && is_option_flag(argument.substr(0, argument.size() - 1));
    out.emplace_back(ends_empty ? argument.substr(0, argument.size() - 1) : argument);
    if (ends_empty) out.emplace_back();
  }
  return out;
}

// CLI11 stores this for a missing value; no argument can contain it.
const std::string no_value(1, '\0');

// CLI11 with our flags. It only splits arguments into names and values; config::load validates the values.
class flag_parser {
 public:
  flag_parser() {
    parser_.allow_extras();
    parser_.set_help_flag();  // CLI11's own would print its own text
    help_ = parser_.add_flag("-h,--help")->disable_flag_override();
    version_ = parser_.add_flag("--version")->disable_flag_override();
    check_config_ = parser_.add_flag("--check-config")->disable_flag_override();
    for (const config::option& one : config::options()) {
      auto* added = parser_.add_option(config::flag_name(one.name));
      added->expected(0, 1)->default_str(no_value)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      options_.emplace_back(one.name, added);
    }
  }

  config::configuration_errors parse(arguments given) {
    config::configuration_errors found;
    std::ranges::reverse(given);  // CLI11 expects the last argument first
    try {
      parser_.parse(std::move(given));
    } catch (const CLI::Error& error) {
      found.push_back(log::printable(error.what()));
    }
    report_missing_values(found);
    for (const std::string& extra : parser_.remaining()) found.push_back(unexpected(extra));
    return found;
  }

  command_line::action action() const {
    if (help_->count() > 0) return command_line::action::show_help;
    if (version_->count() > 0) return command_line::action::show_version;
    return check_config_->count() > 0 ? command_line::action::check_config : command_line::action::run;
  }

  config::flags flags() const {
    config::flags out;
    for (const auto& [name, option] : options_) {
      if (option->count() > 0) out.emplace(name, option->results().back());
    }
    return out;
  }

 private:
  void report_missing_values(config::configuration_errors& found) const {
    for (const auto& [name, option] : options_) {
      if (std::ranges::find(option->results(), no_value) == option->results().end()) continue;
      const std::string flag = config::flag_name(name);
      found.push_back(flag + " has no value: write " + flag + "=VALUE");
    }
  }

  static std::string unexpected(const std::string& argument) {
    const std::string shown = log::printable(argument, 100);
    if (!argument.starts_with("--")) return shown + ": unexpected argument: every option is --name=VALUE (see --help)";
    const std::string_view nearest = config::nearest_option(option_name(argument));
    const std::string meant = nearest.empty() ? "" : ", did you mean " + config::flag_name(nearest) + "?";
    return shown + ": there is no such flag" + meant + " (see --help)";
  }

  // "--stale-grace=5s" -> "STALE_GRACE"
  static std::string option_name(std::string_view argument) {
    std::string out{argument.substr(2, argument.substr(0, argument.find('=')).size() - 2)};
    for (char& c : out) {
      if (c == '-') c = '_';
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
  }

  CLI::App parser_;
  CLI::Option* help_ = nullptr;
  CLI::Option* version_ = nullptr;
  CLI::Option* check_config_ = nullptr;
  std::vector<std::pair<std::string_view, CLI::Option*>> options_;
};

std::string option_help(const config::option& one) {
  std::string out = "  " + config::flag_name(one.name) + ' ' + std::string{one.value};
  if (!one.default_value.empty()) out.append("  (default ").append(one.default_value).append(")");
  out.append("\n      ").append(one.help);
  return out + "\n      " + config::variable_name(one.name) + '\n';
}

constexpr std::string_view help_start = R"(
Answers a load balancer's health checks from the readiness of a pod, as the Kubernetes API server
reports it: 200 if ready, else 500.

Usage: http-healthcheck-sidecar [--NAME=VALUE]...

Every option is a flag and an environment variable. The flag wins, and of a repeated flag the last.
An empty variable counts as unset; an empty flag sets the default. A DURATION has a unit: 30s,
900ms, 2m, 1h. An unknown name is an error.
)";

constexpr std::string_view help_end = R"(
Actions
  --check-config
      validate the configuration, list its errors, and exit
  --version
      print the version and exit
  -h, --help
      print this text and exit

Exit codes
  0   drained after SIGTERM, or the action succeeded
  1   could not run, for example because the address is in use, or an internal error
  2   the configuration has errors; standard error lists all of them
  130, 143
      stopped at once, without a complete drain, by SIGINT or a second SIGTERM
  134 out of memory: a line on standard error, then SIGABRT

Example: only the container "game" must be ready, and no state is served after an API failure
  http-healthcheck-sidecar --target-container=game --stale-grace=0
)";

}  // namespace

std::variant<command_line, config::configuration_errors> parse_command_line(int argc, const char* const* argv) {
  if (argc <= 1) return command_line{};  // in a pod the environment has the options
  flag_parser parser;
  config::configuration_errors found = parser.parse(keep_empty_values(argc, argv));
  const command_line::action what = parser.action();
  const bool only_shows = what == command_line::action::show_help || what == command_line::action::show_version;
  if (only_shows) return command_line{.what = what, .flags = {}};
  if (!found.empty()) return found;
  return command_line{.what = what, .flags = parser.flags()};
}

std::string help_text() {
  std::string out = version_text();
  out += help_start;
  std::string_view group;
  for (const config::option& one : config::options()) {
    if (one.group != group) out.append("\n").append(one.group).append("\n");
    group = one.group;
    out += option_help(one);
  }
  return out.append(help_end);
}

std::string version_text() { return std::string{"http-healthcheck-sidecar "}.append(version) + '\n'; }

}  // namespace sidecar::app
