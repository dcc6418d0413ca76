#include "support/client_hello.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>

namespace sidecar::test {

std::string client_hello() {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context.get()), &SSL_free);
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(client.get());
  std::string bytes(4'096, '\0');
  bytes.resize(static_cast<std::size_t>(BIO_read(out, bytes.data(), static_cast<int>(bytes.size()))));
  return bytes;
}

}  // namespace sidecar::test
