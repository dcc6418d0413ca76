#include "sidecar/net/certificate_facts.hpp"

#include <openssl/x509.h>

#include <memory>

#include "sidecar/net/certificate_chain.hpp"
#include "sidecar/net/certificate_names.hpp"
#include "sidecar/net/pem_bundle.hpp"

namespace sidecar::net {
namespace {

std::string text_of(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> text(::BIO_new(::BIO_s_mem()), &::BIO_free);
  if (!text || ::X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

certificate_facts facts_of(const X509* shown) {
  return {.subject = text_of(::X509_get_subject_name(shown)),
          .issuer = text_of(::X509_get_issuer_name(shown)),
          .names = names_of(shown),
          .valid = {.begin = time_of(*::X509_get0_notBefore(shown)).value_or(std::chrono::sys_seconds{}),
                    .end = time_of(*::X509_get0_notAfter(shown)).value_or(std::chrono::sys_seconds{})}};
}

int record_and_verify(X509_STORE_CTX* given, void* sent) {
  if (const auto* shown = ::X509_STORE_CTX_get0_cert(given)) *static_cast<certificate_facts*>(sent) = facts_of(shown);
  return verify_chain(given, peer_role::server);
}

}  // namespace

std::vector<certificate_facts> facts_of_bundle(std::string_view pem) {
  std::vector<certificate_facts> found;
  for (const auto& one : read_pem(pem).certificates) found.push_back(facts_of(one.get()));
  return found;
}

void record_server(boost::asio::ssl::context& client, certificate_facts& sent) {
  ::SSL_CTX_set_cert_verify_callback(client.native_handle(), record_and_verify, &sent);
}

std::string protocol_of(SSL* connection) { return ::SSL_get_version(connection); }

}  // namespace sidecar::net
