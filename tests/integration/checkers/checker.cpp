#include "checker.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ostream>
#include <regex>
#include <string_view>
#include <utility>

namespace sidecar::test {
namespace {

opinion up_if(bool good) { return good ? opinion::up : opinion::down; }

std::string md5(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string shown;
  for (unsigned at = 0; at < size; ++at) {
    constexpr std::string_view digits = "0123456789abcdef";
    shown += digits[digest[at] >> 4U];
    shown += digits[digest[at] & 15U];
  }
  return shown;
}

/// Where the request line begins, after a PROXY header; the end if there is none.
std::size_t request_line_of(std::string_view request) {
  std::size_t at = request.size();
  for (const std::string_view method : {"GET ", "HEAD ", "OPTIONS ", "POST "}) at = std::min(at, request.find(method));
  return at;
}

bool is_head(std::string_view request) { return request.substr(request_line_of(request)).starts_with("HEAD "); }

}  // namespace

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void PrintTo(opinion shown, std::ostream* out) {
  *out << (shown == opinion::up ? "up" : shown == opinion::draining ? "draining" : "down");
}

void PrintTo(const checker& shown, std::ostream* out) { *out << shown.name; }

judge status_between(int from, int to) {
  return [from, to](const seen& got) {
    return up_if(got.response && got.response->status >= from && got.response->status <= to);
  };
}

judge status_is(int wanted) { return status_between(wanted, wanted); }

judge matches(const std::string& pattern) {
  return [pattern = std::regex{pattern}](const seen& got) { return up_if(std::regex_search(got.bytes, pattern)); };
}

judge has_any_byte() {
  return [](const seen& got) { return up_if(!got.bytes.empty()); };
}

judge body_has(const std::string& text) {
  return [text](const seen& got) {
    return up_if(got.response && got.response->status == 200 &&
                 got.response->body.substr(0, 1024).find(text) != std::string::npos);
  };
}

judge body_has_in_any_case(const std::string& text) {
  return [text = lower(text)](const seen& got) {
    return up_if(got.response && lower(got.response->body).find(text) != std::string::npos);
  };
}

judge body_digest_is(const std::string& wanted) {
  return [wanted](const seen& got) { return up_if(got.response && md5(got.response->body) == wanted); };
}

judge ended_in_order(judge otherwise) {
  return [otherwise = std::move(otherwise)](const seen& got) {
    return got.response && got.end == read_end::closed ? otherwise(got) : opinion::down;
  };
}

judge sent_nowhere_else(judge otherwise) {
  return [otherwise = std::move(otherwise)](const seen& got) {
    return got.response && got.response->field("Location") ? opinion::down : otherwise(got);
  };
}

judge unless_drained(judge otherwise, judge drained) {
  return [otherwise = std::move(otherwise), drained = std::move(drained)](const seen& got) {
    if (otherwise(got) == opinion::up) return opinion::up;
    return drained(got) == opinion::up ? opinion::draining : opinion::down;
  };
}

std::string with_path(const std::string& request, const std::string& path) {
  const auto line = request_line_of(request);
  if (line == request.size()) return request;
  const auto from = request.find(' ', line) + 1;
  const auto to = std::min(request.find_first_of(" \r", from), request.size());
  return request.substr(0, from) + path + request.substr(to);
}

std::unique_ptr<http_client> visitor::connect() const {
  if (ca_.empty()) return std::make_unique<http_client>("127.0.0.1", port_);
  return std::make_unique<http_client>("127.0.0.1", port_, ca_);
}

seen visitor::check(const std::string& request) {
  if (!kept_) kept_ = connect();
  kept_->send(request);
  if (checker_.uses == manner::ends_its_side_first) kept_->half_close();
  seen got;
  got.response = kept_->read_response(is_head(request) || checker_.uses == manner::resets_after_the_head);
  if (got.response) {
    got.bytes = got.response->head + got.response->body;
    if (checker_.uses == manner::asks_again && !got.response->field("Connection")) return got;
    if (checker_.uses == manner::closes_after_reading) kept_->half_close();
  }
  if (checker_.uses == manner::resets_after_the_head && got.response) {
    kept_->reset();
  } else {
    got.bytes += kept_->read_until_end();
    got.end = kept_->last_end();
  }
  kept_.reset();
  return got;
}

seen ask(std::uint16_t port, const std::string& request) {
  const checker anybody{"anybody", request, {}, manner::closes_after_reading};
  return visitor{port, anybody}.check();
}

}  // namespace sidecar::test
