#include "support/name_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace sidecar::test {
namespace {

constexpr std::size_t header_size = 12;
constexpr std::uint16_t type_aaaa = 28;

void require_done(bool done, const char* what) {
  if (!done) throw std::system_error{errno, std::generic_category(), what};
}

/// The one question of a query; nothing if it is none.
struct query {
  dns_question asked;
  std::string header;    // as it came
  std::string question;  // likewise: name, type, class
};

std::optional<query> parse_query(std::string_view packet) {
  if (packet.size() < header_size) return std::nullopt;
  query found;
  found.header = packet.substr(0, header_size);
  auto rest = packet.substr(header_size);
  while (!rest.empty() && rest.front() != 0) {
    const auto size = static_cast<unsigned char>(rest.front());
    if (rest.size() < size + 1U) return std::nullopt;
    if (!found.asked.name.empty()) found.asked.name += '.';
    found.asked.name += rest.substr(1, size);
    rest.remove_prefix(size + 1U);
  }
  constexpr std::size_t end_type_and_class = 5;
  if (rest.size() < end_type_and_class) return std::nullopt;
  found.asked.is_ipv6 = static_cast<unsigned char>(rest[2]) == type_aaaa;
  found.question = packet.substr(header_size, packet.size() - header_size - rest.size() + end_type_and_class);
  return found;
}

std::string rendered(const query& to, const dns_reply& reply) {
  const auto byte = [](unsigned value) { return static_cast<char>(value); };
  const bool has_addresses = !to.asked.is_ipv6;
  const auto count = has_addresses ? reply.addresses.size() : 0;
  std::string out = to.header;
  constexpr unsigned response_that_desires_recursion = 0x81;
  constexpr unsigned is_truncated = 0x02;
  out[2] = byte(response_that_desires_recursion | (reply.truncated ? is_truncated : 0));
  out[3] = byte(0x80U | static_cast<unsigned>(reply.status));
  out[7] = byte(static_cast<unsigned>(count));
  out[9] = out[11] = 0;  // no authority, none of the extensions that came
  out += to.question;
  for (std::size_t i = 0; i < count; ++i) {
    in_addr address{};
    ::inet_pton(AF_INET, reply.addresses[i].c_str(), &address);
    // The question's name, A, IN, a minute, four bytes.
    out += std::string_view{"\xC0\x0C\0\x01\0\x01\0\0\0\x3C\0\x04", 12};
    out.append(reinterpret_cast<const char*>(&address), sizeof address);
  }
  return out;
}

}  // namespace

name_server::name_server(answering answer, const std::string& address, std::uint16_t port)
    : answer_{std::move(answer)}, handle_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
  require_done(handle_ >= 0, "socket");
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  socklen_t size = sizeof name;
  const bool bound = ::bind(handle_, reinterpret_cast<const sockaddr*>(&name), size) == 0;
  if (!bound) ::close(handle_);
  require_done(bound, "bind");
  ::getsockname(handle_, reinterpret_cast<sockaddr*>(&name), &size);
  port_ = ntohs(name.sin_port);
  thread_ = std::jthread{[this] { serve(); }};
}

name_server::~name_server() {
  ::shutdown(handle_, SHUT_RD);  // wakes the thread, though it says that nothing is connected
  thread_.join();
  ::close(handle_);
}

std::vector<dns_question> name_server::questions() const {
  const std::lock_guard lock{mutex_};
  return questions_;
}

void name_server::serve() {
  std::array<char, 1500> packet{};
  for (;;) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* const sender = reinterpret_cast<sockaddr*>(&from);
    const auto count = ::recvfrom(handle_, packet.data(), packet.size(), 0, sender, &size);
    if (count <= 0) return;
    const auto asked = parse_query({packet.data(), static_cast<std::size_t>(count)});
    if (!asked) continue;
    {
      const std::lock_guard lock{mutex_};
      questions_.push_back(asked->asked);
    }
    const auto reply = answer_(asked->asked);
    if (!reply) continue;
    if (reply->delay.count() > 0) std::this_thread::sleep_for(reply->delay);
    const auto bytes = rendered(*asked, *reply);
    ::sendto(handle_, bytes.data(), bytes.size(), 0, sender, size);
  }
}

std::optional<dns_reply> silence(const dns_question&) { return std::nullopt; }

}  // namespace sidecar::test
