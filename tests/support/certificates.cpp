#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace sidecar::test {
namespace {

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, deleter<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free_all>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;

void require(bool done, const char* what) {
  if (done) return;
  ERR_clear_error();
  throw std::runtime_error{std::string{"certificates: "} + what};
}

key_ptr make_key() {
  key_ptr key{EVP_EC_gen("P-256")};
  require(key != nullptr, "EVP_EC_gen");
  return key;
}

void add_extension(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const extension_ptr extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
  require(extension != nullptr, value.c_str());
  require(X509_add_ext(cert, extension.get(), -1) == 1, "X509_add_ext");
}

x509_ptr make_unsigned(const std::string& name, EVP_PKEY* key, std::chrono::hours from, std::chrono::hours until) {
  x509_ptr cert{X509_new()};
  require(cert != nullptr, "X509_new");
  X509_set_version(cert.get(), X509_VERSION_3);

  unsigned char serial[8] = {};
  require(RAND_bytes(serial, sizeof serial) == 1, "RAND_bytes");
  serial[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert.get()));
  BN_free(number);

  X509_NAME* subject = X509_get_subject_name(cert.get());
  std::string text = name;
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char*>(text.data()), -1,
                                     -1, 0) == 1,
          "X509_NAME_add_entry_by_txt");
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), std::chrono::seconds{from}.count());
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), std::chrono::seconds{until}.count());
  require(X509_set_pubkey(cert.get(), key) == 1, "X509_set_pubkey");
  return cert;
}

std::string read_all(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* cert) {
  const bio_ptr bio{BIO_new(BIO_s_mem())};
  require(PEM_write_bio_X509(bio.get(), cert) == 1, "PEM_write_bio_X509");
  return read_all(bio.get());
}

std::string to_pem(EVP_PKEY* key) {
  const bio_ptr bio{BIO_new(BIO_s_mem())};
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM_write_bio_PKCS8PrivateKey");
  return read_all(bio.get());
}

std::string alternative_names(const certificate_options& options) {
  std::string names;
  for (const std::string& address : options.ip_addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
  for (const std::string& name : options.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  return names;
}

bool has_key_id(const X509* cert) { return X509_get_ext_by_NID(cert, NID_subject_key_identifier, -1) >= 0; }

certificate make_leaf(const certificate_options& options, X509* issuer, EVP_PKEY* issuer_key) {
  const key_ptr key = make_key();
  const x509_ptr cert = make_unsigned(options.common_name, key.get(), options.valid_from, options.valid_until);
  X509* const signer = issuer != nullptr ? issuer : cert.get();
  X509_set_issuer_name(cert.get(), X509_get_subject_name(signer));
  add_extension(cert.get(), signer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(cert.get(), signer, NID_key_usage, "critical,digitalSignature");
  add_extension(cert.get(), signer, NID_ext_key_usage, options.extended_key_usage);
  if (issuer != nullptr && has_key_id(issuer)) {
    add_extension(cert.get(), signer, NID_authority_key_identifier, "keyid:always");
  }
  const std::string names = alternative_names(options);
  if (!names.empty()) add_extension(cert.get(), signer, NID_subject_alt_name, names);
  require(X509_sign(cert.get(), issuer_key != nullptr ? issuer_key : key.get(), EVP_sha256()) > 0, "X509_sign");
  return {to_pem(cert.get()), to_pem(key.get())};
}

}  // namespace

struct certificate_authority::impl {
  key_ptr key = make_key();
  x509_ptr cert;
  std::string pem;
};

certificate_authority::certificate_authority(const std::string& name, const certificate_authority* issuer)
    : certificate_authority(name, issuer, true) {}

certificate_authority certificate_authority::without_key_ids(const std::string& name) { return {name, nullptr, false}; }

certificate_authority::certificate_authority(const std::string& name, const certificate_authority* issuer,
                                             bool has_key_ids)
    : impl_{std::make_unique<impl>()} {
  impl_->cert = make_unsigned(name, impl_->key.get(), std::chrono::hours{-24}, std::chrono::hours{24 * 365});
  X509* const cert = impl_->cert.get();
  const impl& signer = issuer != nullptr ? *issuer->impl_ : *impl_;
  X509_set_issuer_name(cert, X509_get_subject_name(signer.cert.get()));
  add_extension(cert, signer.cert.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(cert, signer.cert.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign");
  if (has_key_ids) add_extension(cert, signer.cert.get(), NID_subject_key_identifier, "hash");
  if (issuer != nullptr) add_extension(cert, signer.cert.get(), NID_authority_key_identifier, "keyid:always");
  require(X509_sign(cert, signer.key.get(), EVP_sha256()) > 0, "X509_sign");
  impl_->pem = to_pem(cert);
}

certificate_authority::~certificate_authority() = default;
certificate_authority::certificate_authority(certificate_authority&&) noexcept = default;
certificate_authority& certificate_authority::operator=(certificate_authority&&) noexcept = default;

const std::string& certificate_authority::pem() const noexcept { return impl_->pem; }

certificate certificate_authority::issue(const certificate_options& options) const {
  return make_leaf(options, impl_->cert.get(), impl_->key.get());
}

certificate make_self_signed(const certificate_options& options) { return make_leaf(options, nullptr, nullptr); }

}  // namespace sidecar::test
