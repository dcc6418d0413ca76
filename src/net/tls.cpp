#include "sidecar/net/tls.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

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

bool is_ip(const std::string& host) {
  boost::system::error_code failed;
  boost::asio::ip::make_address(host, failed);
  return !failed;
}

bool set_expected_ip(X509_VERIFY_PARAM* param, const std::string& host) {
  return ::X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) == 1;
}

bool set_expected_name(SSL* connection, X509_VERIFY_PARAM* param, const std::string& host) {
  ::X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return ::X509_VERIFY_PARAM_set1_host(param, host.data(), host.size()) == 1 &&
         ::SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
}

}  // namespace

result<tls_context> make_client_context(std::string_view ca_pem) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  boost::system::error_code failed;
  context->add_certificate_authority(boost::asio::buffer(ca_pem), failed);
  auto* native = context->native_handle();
  // Asio takes an empty text for a bundle.
  const auto* certificates = ::X509_STORE_get0_objects(::SSL_CTX_get_cert_store(native));
  if (failed || sk_X509_OBJECT_num(certificates) == 0) {
    ::ERR_clear_error();
    return errc::ca_malformed;
  }
  context->set_verify_mode(ssl::verify_peer, failed);
  ::SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  // Any certificate of the bundle is an anchor, as it is for Go: some clusters' bundle is an intermediate alone.
  ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
  // One long-lived connection: tickets and cached sessions would only cost memory.
  ::SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  return context;
}

result<void> expect_peer(SSL* connection, const std::string& host) {
  auto* param = ::SSL_get0_param(connection);
  const bool accepted = is_ip(host) ? set_expected_ip(param, host) : set_expected_name(connection, param, host);
  if (!accepted) return last_openssl_error();
  static constexpr std::array<unsigned char, 9> http11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (::SSL_set_alpn_protos(connection, http11.data(), http11.size()) != 0) return last_openssl_error();
  return {};
}

std::string verification_failure(SSL* connection) {
  const long code = ::SSL_get_verify_result(connection);
  return code == X509_V_OK ? std::string{} : ::X509_verify_cert_error_string(code);
}

}  // namespace sidecar::net
