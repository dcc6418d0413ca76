#include "support/client_hello.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>
#include <string_view>

namespace sidecar::test {

namespace {

std::string hello_of(SSL_CTX* context) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context), &SSL_free);
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(client.get());
  std::string bytes(4'096, '\0');
  bytes.resize(static_cast<std::size_t>(BIO_read(out, bytes.data(), static_cast<int>(bytes.size()))));
  return bytes;
}

using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

context_ptr make_context() { return {SSL_CTX_new(TLS_client_method()), &SSL_CTX_free}; }

}  // namespace

std::string client_hello() { return hello_of(make_context().get()); }

std::string client_hello_with_strange_key() {
  using namespace std::string_view_literals;
  const auto context = make_context();
  SSL_CTX_set1_groups_list(context.get(), "X25519:P-256");
  auto bytes = hello_of(context.get());
  constexpr auto x25519 = "\0\x1d"sv;
  constexpr char unknown = '\x99';
  for (const auto before : {"\0\x0a\0\x06\0\x04"sv, "\0\x33\0\x26\0\x24"sv}) {  // supported_groups, key_share
    const auto at = bytes.find(std::string{before}.append(x25519));
    if (at == bytes.npos) throw std::logic_error("another ClientHello than expected");
    bytes[at + before.size()] = unknown;
  }
  return bytes;
}

}  // namespace sidecar::test
