#include "sidecar/net/handshake_failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <iterator>

#include "sidecar/net/certificate_failure.hpp"

namespace sidecar::net {
namespace {

struct advice {
  int reason;  ///< OpenSSL's SSL_R_...; numbers from SSL_AD_REASON_OFFSET on are alerts from the client
  std::string_view text;
};

constexpr std::string_view version =
    "the client and this port have no TLS version in common: let its check use TLS 1.2 or 1.3";
constexpr std::string_view cipher =
    "the client and this port have no cipher or signature in common: a client that takes RSA certificates alone needs "
    "one in TLS_CERT, or a check that also offers ECDSA";
constexpr std::string_view protocol =
    "the client does not offer HTTP/1.1 (ALPN): let its check use HTTP/1.1, there is no HTTP/2 here";
constexpr std::string_view no_certificate =
    "the client shows no certificate, and TLS_CLIENT_CA asks for one: give its check a certificate of that CA";
constexpr std::string_view bad_certificate =
    "the client's certificate is not accepted: compare its issuer, dates and usage with TLS_CLIENT_CA";
constexpr std::string_view long_chain =
    "the client shows certificates of more than 16 KiB: let it send its own and the intermediate ones alone";
constexpr std::string_view refused_certificate =
    "the client does not accept this port's certificate: compare the CA that its check trusts, and the name or address "
    "that it expects, with TLS_CERT";

constexpr advice table[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, version},
    {SSL_R_VERSION_TOO_LOW, version},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, version},
    {SSL_R_BAD_LEGACY_VERSION, version},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, version},
    {SSL_R_NO_SHARED_CIPHER, cipher},
    {SSL_R_NO_CIPHERS_SPECIFIED, cipher},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, cipher},
    {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, cipher},
    {SSL_R_NO_SUITABLE_KEY_SHARE, cipher},
    {SSL_R_NO_SUITABLE_GROUPS, cipher},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, cipher},
    {SSL_R_NO_APPLICATION_PROTOCOL, protocol},
    {SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL, protocol},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, no_certificate},
    {SSL_R_CERTIFICATE_VERIFY_FAILED, bad_certificate},
    {SSL_R_EXCESSIVE_MESSAGE_SIZE, long_chain},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, refused_certificate},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, refused_certificate},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, refused_certificate},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, refused_certificate},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, refused_certificate},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, refused_certificate},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, refused_certificate},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, refused_certificate},
    {SSL_R_TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE, refused_certificate},
};

constexpr std::string_view unlisted = "the client's handshake is not understood: check that it speaks TLS to this port";

std::string_view advice_for(int reason) {
  const auto* const found = std::ranges::find(table, reason, &advice::reason);
  return found == std::end(table) ? unlisted : found->text;
}

}  // namespace

std::string describe_handshake_failure(const boost::system::error_code& failed, std::string_view verification) {
  const std::string begin = "a client's TLS handshake failed (";
  // Only the ClientHello callback fails with this error (server_tls_context.cpp).
  if (failed == boost::asio::ssl::error::unexpected_result) {
    return begin + "older than TLS 1.2): " + std::string{version};
  }
  if (failed.category() != boost::asio::error::get_ssl_category()) return {};
  const auto code = static_cast<unsigned long>(failed.value());
  const int reason = ERR_GET_REASON(code);
  if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return {};
  const char* const words_of_openssl = ::ERR_reason_error_string(code);
  std::string words = words_of_openssl == nullptr ? "unknown error" : words_of_openssl;
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && !verification.empty()) words.append(": ").append(verification);
  const std::string_view hint = is_unreadable_certificate(failed) ? unreadable_certificate : advice_for(reason);
  return begin + words + "): " + std::string{hint};
}

}  // namespace sidecar::net
