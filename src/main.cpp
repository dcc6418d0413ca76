#include <malloc.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/app/app.hpp"
#include "sidecar/app/command_line.hpp"
#include "sidecar/config/load.hpp"

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

int refuse(const config::mistakes& found) {
  app::report_mistakes(found);
  return app::exit_configuration;
}

/// What an API answer of megabytes took goes back to the system with it. Left alone, glibc learns from the first large
/// block to keep the next ones: it raises both thresholds to twice its size.
void give_memory_back() {
  constexpr int threshold = 128 * 1024;  // what glibc begins with
  ::mallopt(M_MMAP_THRESHOLD, threshold);
  ::mallopt(M_TRIM_THRESHOLD, threshold);
}

int start(const app::command_line& wanted) {
  const auto loaded = config::load(capture_environment(), wanted.flags);
  if (const auto* found = std::get_if<config::mistakes>(&loaded)) return refuse(*found);
  const auto& settings = std::get<config::config>(loaded);
  app::start_log(settings);
  return wanted.what == app::command_line::action::check_config ? app::check(settings) : app::run(settings);
}

}  // namespace

int main(int argc, char** argv) {
  give_memory_back();
  const auto parsed = app::parse_command_line(argc, argv);
  if (const auto* found = std::get_if<config::mistakes>(&parsed)) return refuse(*found);
  const auto& wanted = std::get<app::command_line>(parsed);
  switch (wanted.what) {
    case app::command_line::action::show_help:
      std::cout << app::help_text();
      return app::exit_clean;
    case app::command_line::action::show_version:
      std::cout << app::version_text();
      return app::exit_clean;
    default:
      return start(wanted);
  }
}
