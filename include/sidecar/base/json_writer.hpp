#pragma once

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Writes one document. nlohmann's tree would need each text twice and refuses invalid UTF-8; here foreign text of any
/// bytes becomes a valid string as in a log line (log_format.hpp): at most 1 KiB, nothing that reorders or hides text.
namespace sidecar::json {

class writer {
 public:
  /// What `write` writes, which gets no arguments, in braces or brackets.
  template <std::invocable Write>
  void object(Write write) {
    separate();
    document_ += '{';
    write();
    document_ += '}';
  }
  template <std::invocable Write>
  void array(Write write) {
    separate();
    document_ += '[';
    write();
    document_ += ']';
  }
  /// An array of objects: `write_members` gets each element.
  template <class Range, class Write>
  void objects(const Range& elements, Write write_members) {
    array([&] {
      for (const auto& one : elements) object([&] { write_members(one); });
    });
  }

  /// A member of an object. Names are ours: they are not escaped.
  template <class Value>
  void member(std::string_view name, const Value& what) {
    key(name).value(what);
  }
  /// A member's name, before a value that is written by another function.
  writer& key(std::string_view name);

  /// An element of an array.
  void value(std::string_view text);
  void value(double number);
  template <std::integral T>
  void value(T number) {
    if constexpr (std::is_same_v<T, bool>) return raw(number ? "true" : "false");
    raw(std::to_string(number));
  }
  /// RFC 3339 in UTC, with milliseconds.
  void value(std::chrono::sys_time<std::chrono::milliseconds> time);
  /// Seconds with fractions, to a tenth of a millisecond.
  void value(std::chrono::nanoseconds duration);
  /// Null if it is empty.
  template <class T>
  void value(const std::optional<T>& what) {
    what ? value(*what) : null();
  }
  void null() { raw("null"); }

  /// The document, complete once what writes its value has returned.
  std::string take() noexcept { return std::move(document_); }

 private:
  void raw(std::string_view text);
  void separate();

  std::string document_;
};

}  // namespace sidecar::json
