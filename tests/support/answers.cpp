#include "support/answers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>

#include "support/uuid.hpp"

namespace sidecar::test {
namespace {

constexpr std::size_t go_buffer_size = 2048;  // net/http: bufferBeforeChunkingSize
constexpr std::size_t length_error = 100;     // by how much a wrong Content-Length is wrong

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 410:
      return "Gone";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

struct flow_uids {
  std::string_view schema;
  std::string_view level;
};

flow_uids uids_of(flow from) {
  switch (from) {
    case flow::none:
      break;
    case flow::service_account:
      return {"4ff0a1cd-c291-4d11-8d4b-49e2613744e0", "80ba9ef0-6745-4bdd-8c08-50ad643808c6"};
    case flow::anonymous:
      return {"fecb652e-6812-48dc-b4bb-0fe6194de447", "c443ba2f-1d43-46be-b6fe-8bcf9974d218"};
    case flow::limited:
      return {"2d91c0a7-f38b-4f27-8d83-3ec4e2f7db78", "e1fdfb62-cc10-4b05-ac85-39e268702635"};
  }
  return {};
}

// One thread renders; a line per second is enough.
std::string_view http_date() {
  thread_local std::time_t second = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  if (const std::time_t now = std::time(nullptr); now != second) {
    second = now;
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  }
  return {text.data(), size};
}

void append_number(std::string& out, std::size_t value, int base) {
  std::array<char, 20> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_chunk(std::string& out, std::string_view chunk) {
  append_number(out, chunk.size(), 16);
  out.append("\r\n").append(chunk).append("\r\n");
}

void append_chunks(std::string& out, std::string_view body, std::size_t size) {
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, size);
    append_chunk(out, chunk);
    body.remove_prefix(chunk.size());
  }
}

/// As bufio.Writer cuts what an encoder writes in several goes: a chunk each time its buffer is full, and what is
/// longer than the buffer goes past it if that is empty.
void append_written(std::string& out, std::string_view body, const std::vector<std::size_t>& writes) {
  std::size_t buffered = 0;
  const auto flush = [&out, &body](std::size_t size) {
    append_chunk(out, body.substr(0, size));
    body.remove_prefix(size);
  };
  for (std::size_t left : writes) {
    while (buffered + left > go_buffer_size) {
      const std::size_t chunk = buffered == 0 ? left : go_buffer_size;
      left -= chunk - buffered;
      buffered = 0;
      flush(chunk);
    }
    buffered += left;
  }
  if (buffered != 0) flush(buffered);
}

/// All but the fields that say where the body ends.
void append_head(std::string& out, const answer& source) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(source.status), 10);
  out.append(" ").append(reason_phrase(source.status)).append("\r\n");
  append_field(out, "Audit-Id", make_uuid());
  append_field(out, "Cache-Control", "no-cache, private");
  append_field(out, "Content-Type", source.content_type);
  if (!source.retry_after.empty()) append_field(out, "Retry-After", source.retry_after);
  if (source.nosniff) append_field(out, "X-Content-Type-Options", "nosniff");
  if (source.from != flow::none) {
    const flow_uids uids = uids_of(source.from);
    append_field(out, "X-Kubernetes-Pf-Flowschema-Uid", uids.schema);
    append_field(out, "X-Kubernetes-Pf-Prioritylevel-Uid", uids.level);
  }
  append_field(out, "Date", http_date());
}

void append_framing(std::string& out, bool close, bool in_chunks, std::optional<std::size_t> length) {
  if (length) append_field(out, "Content-Length", std::to_string(*length));
  if (close) append_field(out, "Connection", "close");
  if (in_chunks) append_field(out, "Transfer-Encoding", "chunked");
  out.append("\r\n");
}

}  // namespace

std::string chunked(std::string_view body, std::size_t size) {
  std::string out;
  append_chunks(out, body, std::max<std::size_t>(size, 1));
  return out + "0\r\n\r\n";
}

rendered_answer render(const answer& source, bool close, framing ending, std::size_t chunk_size) {
  const std::string& body = *source.body;
  const bool in_chunks = ending == framing::no_last_chunk ||
                         (ending == framing::as_go && (body.size() > go_buffer_size || chunk_size != 0));
  std::optional<std::size_t> length;
  if (!in_chunks && ending != framing::until_close) length = body.size();
  if (ending == framing::content_length_too_long) *length += length_error;
  if (ending == framing::content_length_too_short) *length -= std::min(*length, length_error);

  rendered_answer result;
  std::string& out = result.bytes;
  out.reserve(body.size() + 1024);
  append_head(out, source);
  append_framing(out, close, in_chunks, length);
  result.head_size = out.size();
  if (!in_chunks) {
    out.append(body);
    return result;
  }
  if (chunk_size == 0 && !source.written_in.empty()) {
    append_written(out, body, source.written_in);
  } else {
    append_chunks(out, body, chunk_size == 0 ? std::max<std::size_t>(body.size(), 1) : chunk_size);
  }
  if (ending != framing::no_last_chunk) out.append("0\r\n\r\n");
  return result;
}

std::string render_stream_head(bool close, bool in_chunks, std::optional<std::size_t> length) {
  std::string out;
  append_head(out, answer{});
  append_framing(out, close, in_chunks && !length, length);
  return out;
}

std::string as_chunks(std::string_view bytes, std::size_t size) {
  std::string out;
  append_chunks(out, bytes, size == 0 ? std::max<std::size_t>(bytes.size(), 1) : size);
  return out;
}

answer make_status(int code, std::string_view reason, std::string_view message, std::string_view details) {
  using nlohmann::ordered_json;
  ordered_json document = {{"kind", "Status"},
                           {"apiVersion", "v1"},
                           {"metadata", ordered_json::object()},
                           {"status", "Failure"},
                           {"message", message}};
  if (!reason.empty()) document["reason"] = reason;
  if (!details.empty()) document["details"] = ordered_json::parse(details);
  document["code"] = code;
  // A message quotes the path, which may be any bytes.
  std::string text = document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  answer result;
  result.status = code;
  result.body = std::make_shared<const std::string>(std::move(text));
  return result;
}

answer make_unauthorized() {
  answer result = make_status(401, "Unauthorized", "Unauthorized");
  result.from = flow::none;
  return result;
}

answer make_not_found(std::string_view name, resource_kind kind) {
  const std::string plural{words_of(kind).plural};
  const nlohmann::ordered_json details = {{"name", name}, {"kind", plural}};
  const std::string text = details.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return make_status(404, "NotFound", plural + " \"" + std::string{name} + "\" not found", text);
}

answer make_too_many_requests(std::string_view retry_after) {
  answer result;
  result.status = 429;
  result.from = flow::limited;
  result.content_type = "text/plain; charset=utf-8";
  result.retry_after = retry_after;
  result.nosniff = true;
  result.body = std::make_shared<const std::string>("Too many requests, please try again later.\n");
  return result;
}

answer make_failure(int code, std::uint64_t asked, std::uint64_t oldest) {
  switch (code) {
    case 410:
      return make_status(410, "Expired",
                         "too old resource version: " + std::to_string(asked) + " (" + std::to_string(oldest) + ")");
    case 429:
      return make_status(429, "TooManyRequests", "Too many requests, please try again later.");
    case 503:
      return make_status(503, "ServiceUnavailable", "the server is currently unable to handle the request");
    case 504:
      return make_status(504, "Timeout", "the server was unable to return a response in the time allotted");
    default:
      return make_status(code, "InternalError", "Internal error occurred: the stand-in was told to say so");
  }
}

answer make_too_large_version(std::uint64_t asked, std::uint64_t current) {
  constexpr std::string_view details =
      R"({"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1})";
  answer result = make_status(
      504, "Timeout",
      "Timeout: Too large resource version: " + std::to_string(asked) + ", current: " + std::to_string(current),
      details);
  result.retry_after = "1";
  return result;
}

answer make_not_a_version(const std::string& version) {
  const std::string quoted = "\"" + version + "\"";
  return make_status(
      500, "",
      "resourceVersion: Invalid value: " + quoted + ": strconv.ParseUint: parsing " + quoted + ": invalid syntax");
}

answer make_unavailable(std::string_view retry_after) {
  answer result = make_status(503, "ServiceUnavailable", "apiserver is shutting down");
  result.retry_after = retry_after;
  result.nosniff = true;
  return result;
}

}  // namespace sidecar::test
