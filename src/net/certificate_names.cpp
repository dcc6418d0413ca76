#include "sidecar/net/certificate_names.hpp"

#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <utility>

#include "sidecar/net/pem_bundle.hpp"

namespace sidecar::net {
namespace {

namespace ip = boost::asio::ip;

std::string address_in(std::string_view bytes) {
  if (ip::address_v4::bytes_type v4; bytes.size() == v4.size()) {
    bytes.copy(reinterpret_cast<char*>(v4.data()), v4.size());
    return ip::address_v4{v4}.to_string();
  }
  if (ip::address_v6::bytes_type v6; bytes.size() == v6.size()) {
    bytes.copy(reinterpret_cast<char*>(v6.data()), v6.size());
    return ip::address_v6{v6}.to_string();
  }
  return {};
}

}  // namespace

std::string_view bytes_of(const ASN1_STRING* text) noexcept {
  return {reinterpret_cast<const char*>(::ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(::ASN1_STRING_length(text))};
}

std::vector<std::string> names_of(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&::GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &::GENERAL_NAMES_free);
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const auto* one = sk_GENERAL_NAME_value(all.get(), i);
    std::string name;
    if (one->type == GEN_DNS) name = bytes_of(one->d.dNSName);
    if (one->type == GEN_IPADD) name = address_in(bytes_of(one->d.iPAddress));
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> names_in_certificate(std::string_view pem) {
  const auto bundle = read_pem(pem);
  return bundle.certificates.empty() ? std::vector<std::string>{} : names_of(bundle.certificates.front().get());
}

std::string concrete_name(std::string_view name) {
  if (!name.starts_with("*.")) return std::string{name};
  return std::string{"any"}.append(name.substr(1));
}

}  // namespace sidecar::net
