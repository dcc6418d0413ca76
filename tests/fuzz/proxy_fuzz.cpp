// The PROXY protocol's header: the same however the bytes are cut, and within its bounds.

#include <string>

#include "fuzz/fuzz.hpp"
#include "sidecar/http/proxy_header.hpp"

namespace sidecar::fuzz {
namespace {

using http::proxy_header;
using kind = proxy_header::kind;

bool is_text(std::string_view bytes) { return bytes.starts_with("PROXY "); }

void check_complete(const proxy_header& header, std::string_view bytes) {
  require(header.size > 0 && header.size <= bytes.size(), "a complete header is there");
  const auto most = is_text(bytes) ? http::proxy_line_bytes : http::proxy_header_bytes;
  require(header.size <= most, "a header is within its bounds");
  const auto alone = bytes.substr(0, header.size);
  const auto again = http::read_proxy_header(alone);
  require(again.what == kind::complete && again.size == header.size, "what follows a header changes nothing");
  const auto source = http::proxied_source(alone);
  require(!source.empty() && source.size() < 64 && is_one_printable_line(source), "its source can be told");
}

/// What the first bytes that decide have decided, as long as no earlier ones have.
proxy_header read_piecewise(std::string_view bytes, unsigned seed) {
  proxy_header header = http::read_proxy_header({});
  std::size_t shown = 0;
  for (const auto piece : cut(bytes, seed)) {
    shown += piece.size();
    header = http::read_proxy_header(bytes.substr(0, shown));
    if (header.what != kind::need_more) break;
  }
  require(header.what != kind::complete || header.size <= shown, "a header is complete when all of it is there");
  return header;
}

}  // namespace

void try_input(std::string_view input) {
  choices chosen(input);
  const unsigned seed = chosen.byte();
  const auto bytes = chosen.rest();
  const auto header = http::read_proxy_header(bytes);
  const auto piecewise = read_piecewise(bytes, seed);
  require(piecewise.what == header.what, "a header is the same however the bytes are cut");
  require(header.what != kind::complete || piecewise.size == header.size, "and so is its size");
  require(header.what != kind::need_more || bytes.size() < http::proxy_header_bytes, "no header is waited for forever");
  if (header.what == kind::complete) check_complete(header, bytes);
}

}  // namespace sidecar::fuzz
