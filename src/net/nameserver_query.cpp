#include "sidecar/net/nameserver_query.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

namespace sidecar::net {
namespace {

using boost::asio::ip::tcp;
using outcome = lookup_plan::outcome;

/// The C library counts in whole seconds, and this is the least.
constexpr int seconds_of_patience = 1;
constexpr std::chrono::milliseconds silence{900};

constexpr unsigned long unwanted = RES_DNSRCH | RES_DEFNAMES | RES_ROTATE | RES_USEVC;
constexpr unsigned long wanted = RES_IGNTC | RES_NOALIASES | RES_SNGLKUP | RES_SNGLKUPREOP;

/// The resolver's state of this thread, so narrowed that getaddrinfo asks one nameserver once, over UDP; as it was
/// afterwards. The C library honours what a program has changed in `_res` (glibc's resolv/resolv_context.c).
class narrowed_resolver {
 public:
  explicit narrowed_resolver(std::optional<std::size_t> nameserver)
      : chosen_(nameserver.value_or(0)),
        nscount_(_res.nscount),
        retrans_(_res.retrans),
        retry_(_res.retry),
        options_(_res.options) {
    _res.retrans = seconds_of_patience;
    _res.retry = 1;
    // No names but the one given; no TCP, whose connect has no time limit: neither asked for nor after a truncated
    // response, which has addresses enough. A and AAAA one after the other, since the C library asks again for both,
    // twice, if only one of two that were sent at once is answered.
    _res.options = (options_ & ~unwanted) | wanted;
    // Without a nameserver DNS fails at once, and /etc/hosts is all there is.
    _res.nscount = nameserver ? 1 : 0;
    swap_with_first();
  }
  ~narrowed_resolver() {
    swap_with_first();
    _res.nscount = nscount_;
    _res.retrans = retrans_;
    _res.retry = retry_;
    _res.options = options_;
  }
  narrowed_resolver(const narrowed_resolver&) = delete;
  narrowed_resolver& operator=(const narrowed_resolver&) = delete;

 private:
  /// The address is in two places: IPv4 in the list, IPv6 behind the pointer, where the C library also keeps a copy of
  /// IPv4 (resolv/res_send.c), which it owns and which has to stay with its place; nscount 0 makes it anew.
  void swap_with_first() const noexcept {
    std::swap(_res.nsaddr_list[0], _res.nsaddr_list[chosen_]);
    std::swap(_res._u._ext.nsaddrs[0], _res._u._ext.nsaddrs[chosen_]);
    _res._u._ext.nscount = 0;
  }

  std::size_t chosen_;
  decltype(_res.nscount) nscount_;
  decltype(_res.retrans) retrans_;
  decltype(_res.retry) retry_;
  decltype(_res.options) options_;
};

tcp::endpoint endpoint_of(const addrinfo& one) {
  tcp::endpoint endpoint;
  endpoint.resize(std::min<std::size_t>(one.ai_addrlen, endpoint.capacity()));
  std::memcpy(endpoint.data(), one.ai_addr, endpoint.size());
  return endpoint;
}

outcome outcome_of(int code, std::chrono::steady_clock::duration lasted) {
  if (code == 0) return outcome::found;
  if (code == EAI_NONAME || code == EAI_NODATA || code == EAI_ADDRFAMILY) return outcome::absent;
  return lasted < silence ? outcome::failed : outcome::silent;
}

}  // namespace

resolver_settings read_resolver_settings() {
  if (::res_init() != 0) return {.ndots = 1, .search = {}, .nameservers = 0};
  resolver_settings settings{.ndots = _res.ndots, .search = {}, .nameservers = static_cast<std::size_t>(_res.nscount)};
  for (const char* const* domain = _res.dnsrch; *domain != nullptr; ++domain) settings.search.emplace_back(*domain);
  return settings;
}

query_result ask_nameserver(const lookup_plan::step& wanted) {
  const narrowed_resolver narrowed(wanted.nameserver);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto started = std::chrono::steady_clock::now();
  const int code = ::getaddrinfo(wanted.name.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  query_result result{outcome_of(code, std::chrono::steady_clock::now() - started), {}};
  for (const auto* one = found; one != nullptr; one = one->ai_next) result.addresses.push_back(endpoint_of(*one));
  return result;
}

}  // namespace sidecar::net
