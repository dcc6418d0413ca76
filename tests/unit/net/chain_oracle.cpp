#include "unit/net/chain_oracle.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "sidecar/net/certificate_chain.hpp"
#include "sidecar/net/certificate_failure.hpp"
#include "sidecar/net/pem_bundle.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::test {
namespace {

std::time_t parse_time(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) throw std::runtime_error("no time: " + text);
  return ::timegm(&parts);
}

oracle_chain read_chain(const std::string& line) {
  const auto object = nlohmann::json::parse(line);
  return {.name = object.at("name"),
          .family = object.at("family"),
          .bundle = object.at("bundle"),
          .sent = object.at("sent"),
          .host = object.at("host"),
          .time = parse_time(object.at("time")),
          .go = object.at("go"),
          .go_error = object.at("go_error")};
}

/// As OpenSSL's ssl_verify_cert_chain() prepares it.
chain_verdict verify(SSL* connection, const net::pem_bundle& sent, net::peer_role role) {
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> chain(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (const auto& certificate : sent.certificates) sk_X509_push(chain.get(), certificate.get());
  const std::unique_ptr<X509_STORE_CTX, decltype(&::X509_STORE_CTX_free)> prepared(::X509_STORE_CTX_new(),
                                                                                   &::X509_STORE_CTX_free);
  ::X509_STORE_CTX_init(prepared.get(), ::SSL_CTX_get_cert_store(::SSL_get_SSL_CTX(connection)),
                        sent.certificates.front().get(), chain.get());
  auto* const param = ::X509_STORE_CTX_get0_param(prepared.get());
  ::X509_VERIFY_PARAM_set_auth_level(param, ::SSL_get_security_level(connection));
  ::X509_STORE_CTX_set_default(prepared.get(), role == net::peer_role::server ? "ssl_server" : "ssl_client");
  ::X509_VERIFY_PARAM_set1(param, ::SSL_get0_param(connection));
  const auto begun = std::chrono::steady_clock::now();
  const bool accepted = net::verify_chain(prepared.get(), role) == 1;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
  return {accepted, accepted ? "" : net::describe_failure(::X509_STORE_CTX_get_error(prepared.get())), took};
}

}  // namespace

chain_verdict judge(const oracle_chain& chain, const net::tls_context& context, net::peer_role role) {
  const auto sent = net::read_pem(chain.sent);
  // A TLS handshake ends at the first that cannot be read.
  if (!sent.flawed.empty() || sent.certificates.empty()) return {false, std::string{net::unreadable_certificate}};
  const std::unique_ptr<SSL, decltype(&::SSL_free)> connection(::SSL_new(context->native_handle()), &::SSL_free);
  if (role == net::peer_role::server) {
    if (auto prepared = net::expect_peer(connection.get(), chain.host); !prepared) {
      return {false, prepared.error().message()};
    }
  }
  ::X509_VERIFY_PARAM_set_time(::SSL_get0_param(connection.get()), chain.time);
  return verify(connection.get(), sent, role);
}

chain_verdict judge(const oracle_chain& chain) {
  const auto context = net::make_client_context(chain.bundle);
  if (!context) return {false, context.error().message()};
  return judge(chain, *context, net::peer_role::server);
}

std::vector<oracle_chain> read_chains(std::string_view lines) {
  std::vector<oracle_chain> chains;
  while (!lines.empty()) {
    const auto size = std::min(lines.find('\n'), lines.size());
    if (size > 0) chains.push_back(read_chain(std::string{lines.substr(0, size)}));
    lines.remove_prefix(std::min(size + 1, lines.size()));
  }
  return chains;
}

}  // namespace sidecar::test
