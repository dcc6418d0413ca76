#include "sidecar/app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <span>
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
arguments keep_empty_values(std::span<const char* const> given) {
  arguments out;
  for (const std::string_view argument : given) {
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
  explicit flag_parser(command_line::action command) : command_(command) {
    parser_.allow_extras();
    parser_.set_help_flag();  // CLI11's own would print its own text
    help_ = parser_.add_flag("-h,--help")->disable_flag_override();
    version_ = parser_.add_flag("--version")->disable_flag_override();
    if (command_ == command_line::action::run) {
      check_config_ = parser_.add_flag("--check-config")->disable_flag_override();
    }
    if (command_ == command_line::action::doctor) json_ = parser_.add_flag("--json")->disable_flag_override();
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
    if (is_given(help_)) return command_line::action::show_help;
    if (is_given(version_)) return command_line::action::show_version;
    return is_given(check_config_) ? command_line::action::check_config : command_;
  }

  bool json() const { return is_given(json_); }

  config::flags flags() const {
    config::flags out;
    for (const auto& [name, option] : options_) {
      if (option->count() > 0) out.emplace(name, option->results().back());
    }
    return out;
  }

 private:
  static bool is_given(const CLI::Option* flag) { return flag != nullptr && flag->count() > 0; }

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

  command_line::action command_;
  CLI::App parser_;
  CLI::Option* help_ = nullptr;
  CLI::Option* version_ = nullptr;
  CLI::Option* check_config_ = nullptr;  ///< null where the command has no such flag
  CLI::Option* json_ = nullptr;          ///< null where the command has no such flag
  std::vector<std::pair<std::string_view, CLI::Option*>> options_;
};

struct command {
  command_line::action what;
  bool is_named;  ///< its name is the first argument
};

// Empty for a word that is no command. Flags alone are those of serve.
std::optional<command> find_command(std::string_view first) {
  if (first.empty() || first.starts_with('-')) return command{command_line::action::run, false};
  if (first == "serve") return command{command_line::action::run, true};
  if (first == "probe") return command{command_line::action::probe, true};
  if (first == "doctor") return command{command_line::action::doctor, true};
  return std::nullopt;
}

std::string unknown_command(std::string_view word) {
  return log::printable(word, 100) + ": there is no such command: write serve, probe or doctor (see --help)";
}

std::string option_help(const config::option& one) {
  std::string out = "  " + config::flag_name(one.name) + ' ' + std::string{one.value};
  if (!one.default_value.empty()) out.append("  (default ").append(one.default_value).append(")");
  out.append("\n      ").append(one.help);
  return out + "\n      " + config::variable_name(one.name) + '\n';
}

constexpr std::string_view help_start = R"(
Answers a load balancer's health checks from the readiness of a pod, as the Kubernetes API server
reports it: 200 if ready, else 500.

Usage: http-healthcheck-sidecar [serve] [--NAME=VALUE]...
       http-healthcheck-sidecar probe [URL] [--NAME=VALUE]...
       http-healthcheck-sidecar doctor [--json] [--NAME=VALUE]...

serve, the default, answers health checks. probe queries a sidecar once: probe --help. doctor
examines what serve depends on, with the options of serve, and says what to do:
  kubectl exec POD -c health -- /http-healthcheck-sidecar doctor

Every option is a flag and an environment variable. The flag wins, and of a repeated flag the last.
An empty variable counts as unset; an empty flag sets the default. A DURATION has a unit: 30s,
900ms, 2m, 1h. An unknown name is an error.
)";

constexpr std::string_view help_end = R"(
Actions
  doctor --json
      print the findings as JSON; the environment variable CONTAINER_NAME names the sidecar's own
      container, if its image, command, variables and port do not show it
  --check-config
      validate the configuration, list its errors, and exit
  --version
      print the version and exit
  -h, --help
      print this text and exit

Exit codes
  0   drained after SIGTERM, or the action succeeded, or doctor found no failure
  1   could not run, for example because the address is in use, or an internal error; or doctor
      found a failure
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
  std::span<const char* const> given{argv + 1, static_cast<std::size_t>(argc - 1)};
  const auto command = find_command(given.front());
  if (!command) return config::configuration_errors{unknown_command(given.front())};
  if (command->is_named) given = given.subspan(1);
  if (command->what == command_line::action::probe) {
    return command_line{.what = command->what, .probe_arguments = {given.begin(), given.end()}};
  }
  flag_parser parser(command->what);
  config::configuration_errors found = parser.parse(keep_empty_values(given));
  const command_line::action what = parser.action();
  const bool only_shows = what == command_line::action::show_help || what == command_line::action::show_version;
  if (only_shows) return command_line{.what = what};
  if (!found.empty()) return found;
  return command_line{.what = what, .flags = parser.flags(), .json = parser.json()};
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
