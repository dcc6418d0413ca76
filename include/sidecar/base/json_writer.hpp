#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

/// Writes one document. nlohmann's tree would need each text twice and refuses invalid UTF-8; here foreign text of any
/// bytes becomes a valid string as in a log line (log_format.hpp): at most 1 KiB, nothing that reorders or hides text.
namespace sidecar::json {

class writer {
 public:
  /// A member's name, before its value. Names are ours: they are not escaped.
  writer& key(std::string_view name);

  void open_object() { open('{'); }
  void close_object() { close('}'); }
  void open_array() { open('['); }
  void close_array() { close(']'); }

  void text(std::string_view value);
  void null() { raw("null"); }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void number(double value);
  template <std::integral T>
  void number(T value) {
    raw(std::to_string(value));
  }

  /// The document, complete once everything opened is closed.
  std::string take() noexcept { return std::move(document_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void raw(std::string_view value);
  void separate();

  std::string document_;
};

}  // namespace sidecar::json
