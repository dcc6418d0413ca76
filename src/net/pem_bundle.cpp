#include "sidecar/net/pem_bundle.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "sidecar/base/log.hpp"

namespace sidecar::net {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// They fit into a field of a log line.
constexpr std::size_t max_described = 6;

std::string_view take_line(std::string_view& text) {
  const auto size = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return line.substr(0, line.find_last_not_of(blanks) + 1);
}

/// The text between a mark and the dashes after it.
std::string_view label_after(std::string_view line, std::string_view mark) {
  line.remove_prefix(mark.size());
  return line.substr(0, line.find(dashes));
}

bool is_whole(std::string_view line, std::string_view mark) {
  return line.size() == mark.size() + label_after(line, mark).size() + dashes.size();
}

std::optional<std::string> decode_base64(std::string_view text) {
  // For OpenSSL's decoder a dash ends the data.
  if (text.find('-') != text.npos) return std::nullopt;
  const std::unique_ptr<EVP_ENCODE_CTX, decltype(&::EVP_ENCODE_CTX_free)> decoder(::EVP_ENCODE_CTX_new(),
                                                                                  &::EVP_ENCODE_CTX_free);
  if (!decoder) return std::nullopt;
  ::EVP_DecodeInit(decoder.get());
  std::string bytes(text.size(), '\0');
  auto* const output = reinterpret_cast<unsigned char*>(bytes.data());
  int decoded = 0;
  int rest = 0;
  if (::EVP_DecodeUpdate(decoder.get(), output, &decoded, reinterpret_cast<const unsigned char*>(text.data()),
                         static_cast<int>(text.size())) < 0 ||
      ::EVP_DecodeFinal(decoder.get(), output + decoded, &rest) != 1) {
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(decoded) + static_cast<std::size_t>(rest));
  return bytes;
}

certificate_ptr parse_der(const std::string& bytes) {
  const auto* cursor = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* const end = cursor + bytes.size();
  certificate_ptr parsed(::d2i_X509(nullptr, &cursor, static_cast<long>(bytes.size())));
  ::ERR_clear_error();
  if (cursor != end) return nullptr;
  return parsed;
}

/// Collects the blocks of a text, line by line.
class block_reader {
 public:
  void take(std::string_view line) {
    const auto end = line.find(end_mark);
    const auto begin = line.find(begin_mark);
    bool ended_here = false;
    if (is_open_ && end != line.npos && end < begin) {
      close(end_flaw(line, end));
      ended_here = true;
    } else if (is_open_ && begin != line.npos) {
      close(begin == 0 ? pem_flaw::cut : pem_flaw::joined);
      ended_here = true;
    } else if (is_open_) {
      content_.append(line);
      return;
    }
    if (begin == line.npos || (begin > 0 && !ended_here)) return;
    open(line.substr(begin), begin > 0);
  }

  pem_bundle finish() {
    if (is_open_) close(pem_flaw::cut);
    return std::move(found_);
  }

 private:
  void open(std::string_view line, bool follows_another) {
    is_open_ = true;
    ++number_;
    label_ = label_after(line, begin_mark);
    content_.clear();
    is_joined_ = follows_another || !is_whole(line, begin_mark);
    if (line.find(end_mark) != line.npos) close(pem_flaw::joined);
  }

  pem_flaw end_flaw(std::string_view line, std::size_t position) const {
    if (position > 0 || !is_whole(line, end_mark)) return pem_flaw::joined;
    return label_after(line, end_mark) == label_ ? pem_flaw::none : pem_flaw::cut;
  }

  void close(pem_flaw line_flaw) {
    is_open_ = false;
    certificate_ptr parsed;
    const auto flaw = judge(line_flaw, parsed);
    if (flaw == pem_flaw::none) {
      found_.certificates.push_back(std::move(parsed));
    } else {
      found_.flawed.push_back({number_, flaw});
    }
  }

  pem_flaw judge(pem_flaw line_flaw, certificate_ptr& parsed) const {
    if (label_ != "CERTIFICATE" && label_ != "X509 CERTIFICATE") return pem_flaw::other_label;
    if (is_joined_) return pem_flaw::joined;
    if (line_flaw != pem_flaw::none) return line_flaw;
    if (content_.find(':') != content_.npos) return pem_flaw::has_headers;
    const auto bytes = decode_base64(content_);
    if (!bytes) return pem_flaw::not_base64;
    parsed = parse_der(*bytes);
    return parsed ? pem_flaw::none : pem_flaw::no_certificate;
  }

  pem_bundle found_;
  std::size_t number_ = 0;  ///< of the open block, else of the last one
  bool is_open_ = false;
  bool is_joined_ = false;  ///< its BEGIN line has other text
  std::string label_;
  std::string content_;
};

}  // namespace

pem_bundle read_pem(std::string_view text) {
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  block_reader reader;
  while (!text.empty()) reader.take(take_line(text));
  return reader.finish();
}

std::string_view describe(pem_flaw flaw) noexcept {
  switch (flaw) {
    case pem_flaw::none:
      return "is a certificate";
    case pem_flaw::other_label:
      return "is not labelled CERTIFICATE";
    case pem_flaw::has_headers:
      return "has PEM headers";
    case pem_flaw::joined:
      return "shares its BEGIN or END line with something else: a line end is missing";
    case pem_flaw::cut:
      return "has no END line: the file was cut";
    case pem_flaw::not_base64:
      return "is not base64";
    case pem_flaw::no_certificate:
      return "is base64 of something else";
  }
  return "";
}

std::string describe(const std::vector<flawed_block>& blocks) {
  std::string text;
  for (std::size_t i = 0; i < std::min(blocks.size(), max_described); ++i) {
    if (i > 0) text += ", ";
    text.append(std::to_string(blocks[i].number)).append(" (").append(describe(blocks[i].flaw)).append(")");
  }
  if (blocks.size() > max_described) text += " and " + std::to_string(blocks.size() - max_described) + " more";
  return text;
}

void warn_of_skipped_blocks(const watched_file& bundle, std::string_view message) {
  const auto found = read_pem(bundle.content());
  if (found.flawed.empty()) return;
  log::warn(message, {{"file", bundle.path()},
                      {"certificates", std::to_string(found.certificates.size())},
                      {"skipped", describe(found.flawed)}});
}

}  // namespace sidecar::net
