#include <malloc.h>
#include <unistd.h>

#include <iostream>
#include <string_view>
#include <variant>

#include "sidecar/app/app.hpp"
#include "sidecar/app/command_line.hpp"
#include "sidecar/app/doctor.hpp"
#include "sidecar/base/out_of_memory.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/probe/probe.hpp"

namespace {

using namespace sidecar;

config::environment capture_environment() {
  config::environment captured;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (const auto equals = text.find('='); equals != text.npos) {
      captured.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  return captured;
}

int refuse(const config::configuration_errors& found) {
  app::report_errors(found);
  return app::exit_configuration;
}

/// Returns a freed response of 2 MB to the kernel. By default glibc raises its mmap threshold at the first large free,
/// keeps such blocks on its heap afterwards, and the process stays 2 MB larger; mallopt(3).
void keep_large_blocks_off_the_heap() {
  constexpr int default_threshold = 128 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, default_threshold);  // any explicit value disables the dynamic adjustment
}

int start(const app::command_line& wanted) {
  const auto variables = capture_environment();
  const auto loaded = config::load(variables, wanted.flags);
  if (const auto* found = std::get_if<config::configuration_errors>(&loaded)) return refuse(*found);
  const auto& settings = std::get<config::config>(loaded);
  app::start_log(settings);
  if (wanted.what == app::command_line::action::doctor) {
    return app::doctor(settings, variables, wanted.flags, wanted.json);
  }
  return wanted.what == app::command_line::action::check_config ? app::check(settings) : app::run(settings);
}

}  // namespace

int main(int argc, char** argv) {
  abort_when_out_of_memory();
  keep_large_blocks_off_the_heap();
  const auto parsed = app::parse_command_line(argc, argv);
  if (const auto* found = std::get_if<config::configuration_errors>(&parsed)) return refuse(*found);
  const auto& wanted = std::get<app::command_line>(parsed);
  switch (wanted.what) {
    case app::command_line::action::show_help:
      std::cout << app::help_text();
      return app::exit_clean;
    case app::command_line::action::show_version:
      std::cout << app::version_text();
      return app::exit_clean;
    case app::command_line::action::probe:
      return probe::probe(wanted.probe_arguments, capture_environment());
    default:
      return start(wanted);
  }
}
