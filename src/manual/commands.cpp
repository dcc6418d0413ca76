#include "manual.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/probe/probe_arguments.hpp"

namespace sidecar::manual {
namespace {

/// A test compares them with what the program accepts.
std::string_view words_of(std::string_view option) {
  if (option == "MODE") return "sidecar node";
  if (option == "REQUIRE") return "containers pod";
  if (option == "SOURCE") return "live watch";
  if (option == "NODE_DRAIN" || option == "STATUS_PAGE" || option == "STATE_OVERRIDE") return "true false";
  if (option == "LOG_LEVEL") return "debug info warn error";
  if (option == "LOG_FORMAT") return "text json";
  return {};
}

std::vector<flag> serve_flags() {
  std::vector<flag> all;
  for (const auto& one : config::options()) {
    all.push_back({config::flag_name(one.name), std::string{one.value}, std::string{one.help}, words_of(one.name)});
  }
  return all;
}

std::vector<flag> joined(std::vector<flag> flags, const std::vector<flag>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::vector<flag> probe_flags() {
  std::vector<flag> all;
  for (const auto& one : probe::probe_options()) {
    all.push_back({std::string{one.flag}, std::string{one.value}, std::string{one.help}});
  }
  return all;
}

}  // namespace

std::vector<command> commands() {
  const flag help{"--help", "", "print the help and exit"};
  const flag version{"--version", "", "print the version and exit"};
  const flag check{"--check-config", "", "validate the configuration, list its errors, and exit"};
  const flag json{"--json", "", "print JSON"};
  return {
      {"serve", "answer health checks; the default", joined(serve_flags(), {check, version, help})},
      {"probe", "query a health port once", joined(probe_flags(), {help})},
      {"doctor", "examine what serve depends on, and say what to do", joined(serve_flags(), {json, version, help})},
  };
}

}  // namespace sidecar::manual
