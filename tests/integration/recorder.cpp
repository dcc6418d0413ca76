#include "recorder.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace sidecar::test {
namespace {

bool is_readable(int handle) {
  pollfd waiting{handle, POLLIN, 0};
  return ::poll(&waiting, 1, 10'000) > 0;
}

}  // namespace

recorder::recorder() : handle_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(handle_, raw, size) != 0 || ::listen(handle_, 16) != 0 || ::getsockname(handle_, raw, &size) != 0) {
    throw std::system_error{errno, std::generic_category(), "recorder"};
  }
  port_ = ntohs(address.sin_port);
}

recorder::~recorder() { ::close(handle_); }

std::string recorder::read_until(const std::function<bool(const std::string&)>& enough) const {
  std::string bytes;
  if (!is_readable(handle_)) return bytes;
  const int client = ::accept4(handle_, nullptr, nullptr, SOCK_CLOEXEC);
  std::array<char, 4096> part{};
  while (!enough(bytes) && is_readable(client)) {
    const ssize_t size = ::recv(client, part.data(), part.size(), 0);
    if (size <= 0) break;
    bytes.append(part.data(), static_cast<std::size_t>(size));
  }
  ::close(client);
  return bytes;
}

}  // namespace sidecar::test
