#include "sidecar/net/tls.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <memory>
#include <optional>

#include "sidecar/base/out_of_memory.hpp"
#include "sidecar/net/certificate_chain.hpp"
#include "sidecar/net/certificate_failure.hpp"
#include "sidecar/net/expected_names.hpp"
#include "sidecar/net/pem_bundle.hpp"
#include "sidecar/net/server_tls_context.hpp"
#include "sidecar/net/unmapped.hpp"

namespace sidecar::net {

namespace ssl = boost::asio::ssl;

namespace {

// Asio initialises OpenSSL in a static object, and the first initialisation decides whether openssl.cnf is loaded: this
// must run before any constructor of default priority.
[[gnu::constructor(101)]] void disable_openssl_configuration() {
  ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

/// Never a success: some OpenSSL functions fail without queuing an error.
boost::system::error_code last_openssl_error() {
  const auto code = static_cast<int>(::ERR_get_error());
  ::ERR_clear_error();
  if (code == 0) return make_error_code(boost::system::errc::invalid_argument);
  return {code, boost::asio::error::get_ssl_category()};
}

/// Empty for a name. An IPv4 address mapped into IPv6 is returned as IPv4, as in Go.
std::optional<boost::asio::ip::address> address_of(const std::string& host) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(host, failed);
  if (failed) return std::nullopt;
  return unmapped(address);
}

bool set_expected_ip(X509_VERIFY_PARAM* param, const boost::asio::ip::address& address) {
  return ::X509_VERIFY_PARAM_set1_ip_asc(param, address.to_string().c_str()) == 1;
}

bool set_expected_name(SSL* connection, X509_VERIFY_PARAM* param, const std::string& host) {
  const auto names = names_to_match(host);
  for (const auto& name : names) {
    if (::X509_VERIFY_PARAM_add1_host(param, name.data(), name.size()) != 1) return false;
  }
  return !names.empty() && ::SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                      const_cast<char*>(host.c_str())) == 1;
}

/// The settings of clients and servers.
void harden(SSL_CTX* context) {
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
  // An unauthenticated peer must not reach a decompressor.
  ::SSL_CTX_set_options(context, SSL_OP_NO_RX_CERTIFICATE_COMPRESSION | SSL_OP_NO_TX_CERTIFICATE_COMPRESSION);
#endif
}

/// How the file was damaged, if its blocks cannot be read.
std::optional<errc> file_flaw(const pem_bundle& file) {
  for (const auto& block : file.flawed) {
    if (block.flaw == pem_flaw::joined) return errc::certificate_joined;
    if (block.flaw == pem_flaw::cut) return errc::certificate_cut;
  }
  return std::nullopt;
}

/// Every certificate of the bundle is a trust anchor: some clusters' bundle has an intermediate certificate only.
result<void> trust(SSL_CTX* context, std::string_view bundle, peer_role role) {
  verify_as_go(context, role);
  const auto found = read_pem(bundle);
  auto* const store = ::SSL_CTX_get_cert_store(context);
  for (const auto& certificate : found.certificates) {
    if (::X509_STORE_add_cert(store, certificate.get()) != 1) abort_out_of_memory();
  }
  if (found.certificates.empty()) return file_flaw(found).value_or(errc::ca_malformed);
  return {};
}

/// OpenSSL's default would prompt on a terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;

key_ptr read_key(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> text(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         &::BIO_free);
  return {::PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr), &::EVP_PKEY_free};
}

/// The first certificate is the server's; the others are its chain.
bool use_certificates(SSL_CTX* context, const std::vector<certificate_ptr>& certificates) {
  // Without times, verifying clients refuse it, and no warning before its expiry would be possible.
  const auto& mine = certificates.front();
  if (::SSL_CTX_use_certificate(context, mine.get()) != 1 || !validity_of(*mine)) return false;
  return std::all_of(certificates.begin() + 1, certificates.end(),
                     [context](const auto& issuer) { return SSL_CTX_add1_chain_cert(context, issuer.get()) == 1; });
}

result<void> show(SSL_CTX* context, std::string_view certificate, std::string_view key_pem) {
  const auto found = read_pem(certificate);
  if (const auto flaw = file_flaw(found)) return *flaw;
  // A private key among the certificates is accepted: HAProxy's files have both.
  const auto is_other_label = [](const flawed_block& block) { return block.flaw == pem_flaw::other_label; };
  const auto& certificates = found.certificates;
  if (certificates.empty() || !std::all_of(found.flawed.begin(), found.flawed.end(), is_other_label)) {
    return errc::certificate_malformed;
  }
  const bool usable = use_certificates(context, certificates);
  const auto key = read_key(key_pem);
  const auto is_of_key = [&key](const auto& shown) { return ::X509_check_private_key(shown.get(), key.get()) == 1; };
  const auto mine = key ? std::find_if(certificates.begin(), certificates.end(), is_of_key) : certificates.end();
  const bool matches = usable && mine == certificates.begin() && ::SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  ::ERR_clear_error();
  if (!usable) return errc::certificate_malformed;
  if (!key) return errc::key_malformed;
  if (matches) return {};
  return mine == certificates.end() ? errc::key_mismatch : errc::certificate_order;
}

}  // namespace

result<tls_context> make_client_context(std::string_view ca_pem) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (auto trusted = trust(context->native_handle(), ca_pem, peer_role::server); !trusted) return trusted.error();
  boost::system::error_code failed;
  context->set_verify_mode(ssl::verify_peer, failed);
  // One long-lived connection: session tickets and caches would only cost memory.
  harden(context->native_handle());
  ::SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);  // Go's servers never renegotiate
  // Without read-ahead each record takes two system calls.
  ::SSL_CTX_set_read_ahead(context->native_handle(), 1);
  return context;
}

result<void> show_certificate(ssl::context& context, std::string_view certificate, std::string_view key) {
  return show(context.native_handle(), certificate, key);
}

result<tls_context> make_server_context(const server_identity& identity) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  auto* native = context->native_handle();
  if (auto shown = show(native, identity.certificate, identity.key); !shown) return shown.error();
  harden(native);
  set_up_server(native);
  if (identity.client_ca.empty()) return context;
  if (!trust(native, identity.client_ca, peer_role::client)) return errc::client_ca_malformed;
  boost::system::error_code failed;
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, failed);
  return context;
}

validity validity_of(const ssl::context& context) {
  // Asio's context has no const handle; nothing is changed.
  const auto* shown = ::SSL_CTX_get0_certificate(const_cast<ssl::context&>(context).native_handle());
  if (shown == nullptr) return {};
  return validity_of(*shown).value_or(validity{});
}

result<void> expect_peer(SSL* connection, const std::string& host) {
  auto* param = ::SSL_get0_param(connection);
  const auto address = address_of(host);
  const bool accepted = address ? set_expected_ip(param, *address) : set_expected_name(connection, param, host);
  if (!accepted) return last_openssl_error();
  static constexpr std::array<unsigned char, 9> http11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (::SSL_set_alpn_protos(connection, http11.data(), http11.size()) != 0) return last_openssl_error();
  return {};
}

std::string verification_failure(SSL* connection) {
  const long code = ::SSL_get_verify_result(connection);
  return code == X509_V_OK ? std::string{} : describe_failure(code);
}

std::string certificate_refusal(SSL* connection, const boost::system::error_code& failed) {
  return is_unreadable_certificate(failed) ? std::string{unreadable_certificate} : verification_failure(connection);
}

}  // namespace sidecar::net
