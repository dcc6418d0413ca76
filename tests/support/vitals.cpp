#include "support/vitals.hpp"

#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sidecar::test {

vitals::vitals(pid_t of) : of_{of}, directory_{"/proc/" + std::to_string(of)} {}

std::optional<std::size_t> vitals::open_files() const {
  if (::geteuid() != 0) return std::nullopt;
  const std::filesystem::directory_iterator files{directory_ + "/fd"};
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

void vitals::forget_peak() const {
  if (::geteuid() != 0) return;
  std::ofstream file{directory_ + "/clear_refs"};
  file << "5";  // proc(5): sets the peak to what is resident now
  file.close();
  if (!file) throw std::runtime_error{"cannot write " + directory_ + "/clear_refs"};
}

std::chrono::nanoseconds vitals::processor_time() const {
  clockid_t clock{};
  std::timespec spent{};
  if (::clock_getcpuclockid(of_, &clock) != 0 || ::clock_gettime(clock, &spent) != 0) {
    throw std::runtime_error{"no processor time of process " + std::to_string(of_)};
  }
  return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

std::string vitals::status(const std::string& name) const {
  std::ifstream file{directory_ + "/status"};
  const auto start = name + ":\t";
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(start)) return line.substr(start.size());
  }
  throw std::runtime_error{"no " + name + " in " + directory_ + "/status"};
}

}  // namespace sidecar::test
