#include "sidecar/net/blocking_lookup.hpp"

#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace sidecar::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds between_lookups{30};

struct lookup {
  std::string host;
  time_point begun;
  error_code failed;
  std::vector<tcp::endpoint> found;
};

/// Limits getaddrinfo on this thread to `nameservers`, one attempt of a second each. RES_NORELOAD: without it glibc
/// reloads resolv.conf and drops the changes to `_res` (resolv/resolv_context.c). UDP only, because a TCP connect has
/// no time limit. A and AAAA one after the other: if only one of two parallel queries gets a response, glibc repeats
/// both.
void bound_lookups(int nameservers) {
  if (::res_init() != 0) return;
  _res.nscount = std::min(_res.nscount, nameservers);
  _res.retrans = 1;
  _res.retry = 1;
  constexpr unsigned long unwanted = RES_USEVC;
  _res.options = (_res.options & ~unwanted) | RES_IGNTC | RES_SNGLKUP | RES_SNGLKUPREOP | RES_NORELOAD;
}

lookup look_up(tcp::resolver& resolver, const std::string& host, time_point now) {
  lookup made{host, now, {}, {}};
  bound_lookups(1);
  auto found = resolver.resolve(host, "", made.failed);
  if (made.failed && host.ends_with('.')) {
    bound_lookups(0);  // DNS fails at once
    found = resolver.resolve(host.substr(0, host.size() - 1), "", made.failed);
  }
  made.found.assign(found.begin(), found.end());
  return made;
}

}  // namespace

result<std::vector<tcp::endpoint>> look_up_blocking(tcp::resolver& resolver, const std::string& host,
                                                    std::uint16_t port, time_point now) {
  static std::optional<lookup> last;
  if (!last || last->host != host || now - last->begun >= between_lookups) last = look_up(resolver, host, now);
  if (last->failed) return last->failed;
  auto found = last->found;
  for (auto& one : found) one.port(port);
  return found;
}

}  // namespace sidecar::net
