#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sidecar::kube {

/// PURE. Splits a JSON document as it arrives: each object that is an element of an array that is a member of the
/// outermost object, for instance an item of a v1.PodList, is handed out as soon as it is complete, and `{}` takes its
/// place in the rest, the envelope. nlohmann's SAX parser pulls its input and cannot be fed in pieces.
///
/// It follows brackets and strings only. All syntax is for a parser to check: where the envelope and every element are
/// JSON, so is the document, and these are its elements. Until then elements are unverified.
class element_splitter {
 public:
  /// In bytes.
  struct limits {
    std::size_t element;
    std::size_t envelope;
  };

  explicit element_splitter(limits max) : max_(max) {}

  enum class step : std::uint8_t {
    need_more,
    element,           ///< `element` is the next one
    element_too_long,  ///< this and the next are final
    envelope_too_long,
  };

  /// Consumes the front of `bytes`, up to the end of the next element.
  step next(std::string_view& bytes);

  /// The text of the last element; valid until the next call of `next`.
  std::string_view element() const noexcept { return element_; }

  /// What has arrived of the document apart from its elements.
  std::string_view envelope() const noexcept { return envelope_; }

 private:
  enum class change : std::uint8_t { none, begins, ends };
  enum class position : std::uint8_t { between_elements, in_element, after_element };
  enum class lexeme : std::uint8_t { structure, string, escape };

  change follow(char c);
  change open(char bracket);
  change close();
  bool keep(std::string_view piece);

  limits max_;
  std::array<char, 2> outermost_{};  ///< the brackets of the document and of its member that is open
  std::size_t depth_ = 0;            ///< objects and arrays that are open
  lexeme inside_ = lexeme::structure;
  position at_ = position::between_elements;
  std::string element_;
  std::string envelope_;
};

}  // namespace sidecar::kube
