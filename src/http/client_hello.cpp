#include "sidecar/http/client_hello.hpp"

#include <cstddef>

#include "sidecar/http/limits.hpp"

namespace sidecar::http {
namespace {

constexpr std::size_t record_header = 5;     ///< type, version, length
constexpr std::size_t handshake_header = 4;  ///< type, length

std::size_t byte_at(std::string_view bytes, std::size_t at) noexcept { return static_cast<unsigned char>(bytes[at]); }

}  // namespace

client_hello read_client_hello(std::string_view bytes) noexcept {
  if (bytes.size() < record_header) return client_hello::incomplete;
  const auto record = byte_at(bytes, 3) << 8U | byte_at(bytes, 4);
  if (record < handshake_header || record_header + record >= head_bytes) return client_hello::refused;
  if (bytes.size() < record_header + handshake_header) return client_hello::incomplete;
  const auto message = byte_at(bytes, 6) << 16U | byte_at(bytes, 7) << 8U | byte_at(bytes, 8);
  if (handshake_header + message != record) return client_hello::refused;
  return bytes.size() < record_header + record ? client_hello::incomplete : client_hello::complete;
}

}  // namespace sidecar::http
