#include "sidecar/app/command_line.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/base/version.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/config/split_flags.hpp"

namespace sidecar::app {
namespace {

// "--stale-grace=5s" -> "STALE_GRACE"
std::string option_name(std::string_view flag) {
  std::string out{flag.substr(2, flag.find('=') - 2)};
  for (char& c : out) {
    if (c == '-') c = '_';
    if (is_lower(c)) c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool takes_no_value(std::string_view flag) { return config::is_action(flag) || flag == "--json"; }

std::string unexpected(std::string_view word) {
  const std::string shown = log::printable(word, 100);
  if (!word.starts_with("--")) return shown + ": unexpected argument: every option is --name=VALUE (see --help)";
  if (takes_no_value(word.substr(0, word.find('='))) && word.find('=') != word.npos)
    return shown + ": the flag takes no value";
  const std::string_view nearest = config::nearest_option(option_name(word));
  const std::string meant = nearest.empty() ? "" : ", did you mean " + config::flag_name(nearest) + "?";
  return shown + ": there is no such flag" + meant + " (see --help)";
}

config::configuration_errors errors_in(const config::command_words& words) {
  auto found = config::missing_values(words);
  for (const auto& word : words.others) found.push_back(unexpected(word));
  return found;
}

// Whether the word was given; it is then accounted for.
bool take(config::command_words& words, std::string_view wanted) { return std::erase(words.others, wanted) > 0; }

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
  std::vector<std::string> arguments{given.begin(), given.end()};
  if (command->what == command_line::action::probe) {
    return command_line{.what = command->what, .probe_arguments = std::move(arguments)};
  }
  auto words = config::split_flags(arguments);
  if (take(words, "--help") || take(words, "-h")) return command_line{.what = command_line::action::show_help};
  if (take(words, "--version")) return command_line{.what = command_line::action::show_version};
  command_line out{.what = command->what, .flags = std::move(words.values)};
  if (out.what == command_line::action::doctor) out.json = take(words, "--json");
  if (out.what == command_line::action::run && take(words, "--check-config")) {
    out.what = command_line::action::check_config;
  }
  if (auto found = errors_in(words); !found.empty()) return found;
  return out;
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
