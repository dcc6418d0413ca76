#include "support/server_tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdexcept>

namespace sidecar::test {
namespace {

struct bio_deleter {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using bio_ptr = std::unique_ptr<BIO, bio_deleter>;

bio_ptr open_text(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

constexpr unsigned char http_1_1[] = "\x08http/1.1";
constexpr unsigned char http_2[] = "\x02h2";

// `argument` is the server's list, NUL-terminated; without a common protocol Go's server ends the handshake too.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void* argument) {
  const auto* mine = static_cast<const unsigned char*>(argument);
  unsigned char* selected = nullptr;
  const int outcome = SSL_select_next_proto(&selected, chosen_size, mine, mine[0] + 1U, offered, offered_size);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = selected;
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> make_context(const certificate& identity, const unsigned char* protocols = http_1_1) {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) throw std::bad_alloc{};
  X509* const cert = PEM_read_bio_X509(open_text(identity.pem).get(), nullptr, nullptr, nullptr);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(open_text(identity.key).get(), nullptr, nullptr, nullptr);
  const bool usable =
      SSL_CTX_use_certificate(context.get(), cert) == 1 && SSL_CTX_use_PrivateKey(context.get(), key) == 1;
  X509_free(cert);
  EVP_PKEY_free(key);
  ERR_clear_error();
  if (!usable) throw std::invalid_argument{"not a server certificate with its key"};
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // OpenSSL's callback takes its argument as void*; select_protocol only reads it.
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, const_cast<unsigned char*>(protocols));
  return context;
}

std::shared_ptr<SSL_CTX> make_old_context(const certificate& identity) {
  std::shared_ptr<SSL_CTX> context = make_context(identity);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  return context;
}

certificate_options nameless(std::string common_name) {
  certificate_options options;
  options.common_name = std::move(common_name);
  options.ip_addresses.clear();
  options.dns_names.clear();
  return options;
}

}  // namespace

server_contexts::server_contexts() { use(authority_.issue()); }

void server_contexts::use(const certificate& next) { current_ = make_context(next); }

void server_contexts::replace_authority() {
  authority_ = certificate_authority{};
  flawed_.clear();
  use(authority_.issue());
}

std::shared_ptr<SSL_CTX> server_contexts::flawed(tls_flaw flaw) {
  std::shared_ptr<SSL_CTX>& context = flawed_[flaw];
  if (!context) context = make_flawed(flaw);
  return context;
}

std::shared_ptr<SSL_CTX> server_contexts::make_flawed(tls_flaw flaw) const {
  using std::chrono::hours;
  certificate_options options;
  switch (flaw) {
    case tls_flaw::wrong_name:
      options.ip_addresses = {"192.0.2.1"};
      options.dns_names = {"other.example"};
      break;
    case tls_flaw::expired:
      options.valid_from = hours{-24};
      options.valid_until = hours{-1};
      break;
    case tls_flaw::not_yet_valid:
      options.valid_from = hours{1};
      break;
    case tls_flaw::other_authority:
      return make_context(certificate_authority{}.issue());
    case tls_flaw::common_name_only:
      return make_context(authority_.issue(nameless("127.0.0.1")));
    case tls_flaw::self_signed:
      return make_context(make_self_signed());
    case tls_flaw::old_version:
      return make_old_context(authority_.issue());
    case tls_flaw::http2_only:
      return make_context(authority_.issue(), http_2);
  }
  return make_context(authority_.issue(options));
}

}  // namespace sidecar::test
