#include "support/service_account_files.hpp"

#include <ctime>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.close();
  if (!file) throw std::runtime_error{"cannot write " + path.string()};
}

// The kubelet's form, e.g. ..2026_11_22_05_43_11.1234567890; the counter stands for its random number.
std::string version_name(unsigned counter) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[40];
  std::strftime(text, sizeof text, "..%Y_%m_%d_%H_%M_%S.", &utc);
  return text + std::to_string(1000000000U + counter);
}

}  // namespace

service_account_files::service_account_files(fs::path directory, const std::string& token, const std::string& ca,
                                             const std::string& name_space)
    : directory_{std::move(directory)}, name_space_{name_space} {
  fs::create_directories(directory_);
  publish(token, ca);
  for (const char* name : {"token", "ca.crt", "namespace"}) {
    fs::remove(directory_ / name);
    fs::create_symlink(fs::path{"..data"} / name, directory_ / name);
  }
}

void service_account_files::rotate(const std::string& token, const std::string& ca) {
  const std::string before = version_;
  publish(token, ca);
  fs::remove_all(directory_ / before);
}

void service_account_files::publish(const std::string& token, const std::string& ca) {
  version_ = version_name(counter_++);
  const fs::path version = directory_ / version_;
  fs::create_directory(version);
  write_file(version / "token", token);
  write_file(version / "ca.crt", ca);
  write_file(version / "namespace", name_space_);
  const fs::path next = directory_ / "..data_tmp";
  fs::remove(next);
  fs::create_symlink(version_, next);
  fs::rename(next, directory_ / "..data");
}

}  // namespace sidecar::test
