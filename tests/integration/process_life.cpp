#include "process_life.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

namespace sidecar::test {
namespace {

std::string proc(pid_t number, const char* file) { return "/proc/" + std::to_string(number) + '/' + file; }

}  // namespace

std::map<std::string, std::string> status_of(pid_t number) {
  std::ifstream status{proc(number, "status")};
  std::map<std::string, std::string> values;
  for (std::string line; std::getline(status, line);) {
    const auto colon = line.find(":\t");
    if (colon != line.npos) values[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return values;
}

std::size_t kilobytes(pid_t number, const std::string& value) { return std::stoul(status_of(number).at(value)); }

std::chrono::milliseconds processor_time(pid_t number) {
  std::ifstream file{proc(number, "stat")};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream after_name{text.substr(text.rfind(')') + 1)};
  std::string skipped;
  for (int field = 3; field < 14; ++field) after_name >> skipped;
  long user = 0;
  long system = 0;
  after_name >> user >> system;
  return std::chrono::milliseconds{(user + system) * 1000 / ::sysconf(_SC_CLK_TCK)};
}

std::optional<std::size_t> open_files(pid_t number) {
  std::error_code hidden;
  std::size_t count = 0;
  for (auto at = std::filesystem::directory_iterator{proc(number, "fd"), hidden};
       at != std::filesystem::directory_iterator{}; at.increment(hidden)) {
    ++count;
  }
  if (count == 0) return std::nullopt;
  return count;
}

}  // namespace sidecar::test
