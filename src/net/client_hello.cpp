#include "sidecar/net/client_hello.hpp"

namespace sidecar::net {
namespace {

std::size_t byte_at(std::string_view bytes, std::size_t at) noexcept { return static_cast<unsigned char>(bytes[at]); }

}  // namespace

std::size_t tls_record_size(std::string_view bytes) noexcept { return byte_at(bytes, 3) << 8U | byte_at(bytes, 4); }

client_hello read_client_hello(std::string_view bytes) noexcept {
  if (bytes.size() < tls_record_header) return client_hello::incomplete;
  const auto record = tls_record_size(bytes);
  if (record < tls_handshake_header || tls_record_header + record >= longest_client_hello) return client_hello::refused;
  if (bytes.size() < tls_record_header + tls_handshake_header) return client_hello::incomplete;
  const auto message = byte_at(bytes, 6) << 16U | byte_at(bytes, 7) << 8U | byte_at(bytes, 8);
  if (tls_handshake_header + message != record) return client_hello::refused;
  return bytes.size() < tls_record_header + record ? client_hello::incomplete : client_hello::complete;
}

}  // namespace sidecar::net
