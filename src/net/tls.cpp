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
#include <new>
#include <optional>

#include "sidecar/net/certificate_chain.hpp"
#include "sidecar/net/certificate_failure.hpp"
#include "sidecar/net/expected_names.hpp"
#include "sidecar/net/pem_bundle.hpp"

namespace sidecar::net {

namespace ssl = boost::asio::ssl;

namespace {

// Asio initialises OpenSSL by a static object, and whoever comes first decides about openssl.cnf: this must run before
// any constructor of default priority.
[[gnu::constructor(101)]] void forbid_openssl_configuration() {
  ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

/// Never a success: some functions of OpenSSL fail and leave no error behind.
boost::system::error_code last_openssl_error() {
  const auto code = static_cast<int>(::ERR_get_error());
  ::ERR_clear_error();
  if (code == 0) return make_error_code(boost::system::errc::invalid_argument);
  return {code, boost::asio::error::get_ssl_category()};
}

/// Nothing for a name. One that is mapped into IPv6 is an IPv4 address, as for Go.
std::optional<boost::asio::ip::address> address_of(const std::string& host) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(host, failed);
  if (failed) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }
  return address;
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

/// What both sides have in common.
void harden(SSL_CTX* context) {
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
  // A peer that has shown nothing yet is to reach no decompressor.
  ::SSL_CTX_set_options(context, SSL_OP_NO_RX_CERTIFICATE_COMPRESSION | SSL_OP_NO_TX_CERTIFICATE_COMPRESSION);
#endif
}

/// What was done to a file whose blocks cannot be read.
std::optional<errc> damage_of(const pem_bundle& file) {
  for (const auto& block : file.flawed) {
    if (block.flaw == pem_flaw::joined) return errc::certificate_joined;
    if (block.flaw == pem_flaw::cut) return errc::certificate_cut;
  }
  return std::nullopt;
}

/// Any certificate of the bundle is an anchor: some clusters' bundle is an intermediate alone.
result<void> trust(SSL_CTX* context, std::string_view bundle, peer_role peers) {
  verify_as_go(context, peers);
  const auto found = read_pem(bundle);
  auto* const store = ::SSL_CTX_get_cert_store(context);
  for (const auto& certificate : found.certificates) {
    if (::X509_STORE_add_cert(store, certificate.get()) != 1) throw std::bad_alloc();
  }
  if (found.certificates.empty()) return damage_of(found).value_or(errc::ca_malformed);
  return {};
}

/// Of a client's certificates; OpenSSL's default is 100 kB, for each client that has not shown who it is.
constexpr long longest_client_chain = 16 * 1024;

/// OpenSSL would ask a terminal for it.
int no_passphrase(char*, int, int, void*) { return 0; }

/// Null is now. Nothing if one of them is no time.
std::optional<std::chrono::seconds> seconds_between(const ASN1_TIME* from, const ASN1_TIME* until) {
  int days = 0;
  int seconds = 0;
  const bool known = ::ASN1_TIME_diff(&days, &seconds, from, until) == 1;
  ::ERR_clear_error();
  if (!known) return std::nullopt;
  return std::chrono::hours{24} * days + std::chrono::seconds{seconds};
}

std::optional<validity> times_of(const X509* shown) {
  const auto* const until = ::X509_get0_notAfter(shown);
  const auto whole = seconds_between(::X509_get0_notBefore(shown), until);
  const auto left = seconds_between(nullptr, until);
  if (!whole || !left) return std::nullopt;
  return validity{.whole = *whole, .left = *left};
}

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;

key_ptr read_key(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> text(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                         &::BIO_free);
  return {::PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr), &::EVP_PKEY_free};
}

/// The first certificate is the server's, and those behind it help clients to verify it.
bool use_certificates(SSL_CTX* context, const std::vector<certificate_ptr>& certificates) {
  // No client that verifies takes one without times; and nobody could be warned before it expires.
  const auto& mine = certificates.front();
  if (::SSL_CTX_use_certificate(context, mine.get()) != 1 || !times_of(mine.get())) return false;
  return std::all_of(certificates.begin() + 1, certificates.end(),
                     [context](const auto& issuer) { return SSL_CTX_add1_chain_cert(context, issuer.get()) == 1; });
}

result<void> show(SSL_CTX* context, const server_identity& identity) {
  const auto found = read_pem(identity.certificate);
  if (const auto damage = damage_of(found)) return *damage;
  // A key among the certificates is no flaw: HAProxy's files have both.
  const auto is_foreign = [](const flawed_block& block) { return block.flaw == pem_flaw::other_label; };
  const auto& certificates = found.certificates;
  if (certificates.empty() || !std::all_of(found.flawed.begin(), found.flawed.end(), is_foreign)) {
    return errc::certificate_malformed;
  }
  const bool usable = use_certificates(context, certificates);
  const auto key = read_key(identity.key);
  const auto is_of_key = [&key](const auto& shown) { return ::X509_check_private_key(shown.get(), key.get()) == 1; };
  const auto mine = key ? std::find_if(certificates.begin(), certificates.end(), is_of_key) : certificates.end();
  const bool matches = usable && mine == certificates.begin() && ::SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  ::ERR_clear_error();
  if (!usable) return errc::certificate_malformed;
  if (!key) return errc::key_malformed;
  if (matches) return {};
  return mine == certificates.end() ? errc::key_mismatch : errc::certificate_order;
}

/// HTTP/2 alone is no use to a client that will not get it: better no connection, with the alert that says so.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  static constexpr std::array<unsigned char, 18> spoken{8, 'h', 't', 't', 'p', '/', '1', '.', '1',
                                                        8, 'h', 't', 't', 'p', '/', '1', '.', '0'};
  unsigned char* pick = nullptr;
  const int outcome =
      ::SSL_select_next_proto(&pick, size, spoken.data(), static_cast<unsigned>(spoken.size()), offered, offered_size);
  *chosen = pick;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

result<tls_context> make_client_context(std::string_view ca_pem) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (auto trusted = trust(context->native_handle(), ca_pem, peer_role::server); !trusted) return trusted.error();
  boost::system::error_code failed;
  context->set_verify_mode(ssl::verify_peer, failed);
  // One long-lived connection: tickets and cached sessions would only cost memory.
  harden(context->native_handle());
  ::SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);  // Go's servers never ask for one
  // Else each record takes two system calls to read.
  ::SSL_CTX_set_read_ahead(context->native_handle(), 1);
  return context;
}

result<tls_context> make_server_context(const server_identity& identity) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  auto* native = context->native_handle();
  if (auto shown = show(native, identity); !shown) return shown.error();
  harden(native);
  ::SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  ::SSL_CTX_set_num_tickets(native, 0);
  ::SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // With it one read would go on for as long as records without data come in, and nobody else would get a turn.
  ::SSL_CTX_clear_mode(native, SSL_MODE_AUTO_RETRY);
  ::SSL_CTX_set_max_cert_list(native, longest_client_chain);
  ::SSL_CTX_set_alpn_select_cb(native, select_protocol, nullptr);
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
  return times_of(shown).value_or(validity{});
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

}  // namespace sidecar::net
