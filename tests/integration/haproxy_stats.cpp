#include "haproxy_stats.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace sidecar::test {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

}  // namespace

std::vector<variables> haproxy_stats::table(const std::string& command, char separator) const {
  std::vector<std::string> names;
  std::vector<variables> rows;
  for (const auto& line : split(ask(command), '\n')) {
    if (line.starts_with("# ")) {
      names = split(line.substr(2), separator);
      continue;
    }
    const auto values = split(line, separator);
    variables row;
    for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) row[names[i]] = values[i];
    if (!row.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

std::string haproxy_stats::ask(const std::string& command) const {
  const int handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  std::string answer;
  if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(handle, command.data(), command.size(), MSG_NOSIGNAL) > 0) {
    std::array<char, 4096> part{};
    for (ssize_t size = 0; (size = ::recv(handle, part.data(), part.size(), 0)) > 0;) {
      answer.append(part.data(), static_cast<std::size_t>(size));
    }
  }
  ::close(handle);
  return answer;
}

}  // namespace sidecar::test
