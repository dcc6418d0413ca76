#include "support/black_hole.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace sidecar::test {
namespace {

constexpr int most_fillers = 16;
constexpr int answer_milliseconds = 100;  // loopback answers a SYN within the call; more is silence

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void must(bool done, const char* what) {
  if (!done) throw std::system_error{errno, std::generic_category(), what};
}

}  // namespace

black_hole::black_hole(std::uint16_t port) {
  listen(port);
  for (int i = 0; i < most_fillers; ++i) {
    if (!fill(port)) return;
  }
  throw std::runtime_error{"the queue of a socket that accepts nothing is never full"};
}

black_hole::~black_hole() {
  for (const int filler : fillers_) ::close(filler);
  if (listener_ >= 0) ::close(listener_);
}

void black_hole::listen(std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  const int on = 1;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  must(listener_ >= 0, "socket");
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  must(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  must(::listen(listener_, 0) == 0, "listen");
}

/// False once a connection gets no answer.
bool black_hole::fill(std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  must(filler >= 0, "socket");
  fillers_.push_back(filler);
  ::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  pollfd connected{filler, POLLOUT, 0};
  return ::poll(&connected, 1, answer_milliseconds) > 0;
}

}  // namespace sidecar::test
