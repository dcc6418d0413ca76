#include "sidecar/net/certificate_validity.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <ctime>

namespace sidecar::net {

std::optional<std::chrono::sys_seconds> time_of(const ASN1_TIME& when) noexcept {
  using namespace std::chrono;
  std::tm utc{};
  const bool is_known = ::ASN1_TIME_to_tm(&when, &utc) == 1;
  ::ERR_clear_error();
  if (!is_known) return std::nullopt;
  // Not timegm(3): a certificate's time need not fit into this platform's time_t.
  const year_month_day date{year{utc.tm_year + 1900}, month{static_cast<unsigned>(utc.tm_mon + 1)},
                            day{static_cast<unsigned>(utc.tm_mday)}};
  return sys_days{date} + hours{utc.tm_hour} + minutes{utc.tm_min} + seconds{utc.tm_sec};
}

std::optional<validity> validity_of(const X509& certificate) noexcept {
  const auto begin = time_of(*::X509_get0_notBefore(&certificate));
  const auto end = time_of(*::X509_get0_notAfter(&certificate));
  if (!begin || !end) return std::nullopt;
  return validity{*begin, *end};
}

bool expires_soon(const validity& times, std::chrono::sys_seconds now) noexcept {
  constexpr std::chrono::seconds week = std::chrono::days{7};
  return times.end - now < std::min(week, (times.end - times.begin) / 5);
}

}  // namespace sidecar::net
