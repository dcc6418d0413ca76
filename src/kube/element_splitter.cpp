#include "sidecar/kube/element_splitter.hpp"

namespace sidecar::kube {

element_splitter::step element_splitter::next(std::string_view& bytes) {
  if (at_ == position::after_element) {
    element_.clear();
    at_ = position::between_elements;
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto changed = follow(bytes[i]);
    if (changed == change::none) continue;
    if (changed == change::begins) {
      if (!keep(bytes.substr(begin, i - begin)) || !keep("{}")) return step::envelope_too_long;
      at_ = position::in_element;
      begin = i;
      continue;
    }
    if (!keep(bytes.substr(begin, i + 1 - begin))) return step::element_too_long;
    at_ = position::after_element;
    bytes.remove_prefix(i + 1);
    return step::element;
  }
  const bool is_kept = keep(bytes.substr(begin));
  bytes = {};
  if (is_kept) return step::need_more;
  return at_ == position::in_element ? step::element_too_long : step::envelope_too_long;
}

element_splitter::change element_splitter::follow(char c) {
  switch (inside_) {
    case lexeme::escape:
      inside_ = lexeme::string;
      return change::none;
    case lexeme::string:
      if (c == '\\') inside_ = lexeme::escape;
      if (c == '"') inside_ = lexeme::structure;
      return change::none;
    case lexeme::structure:
      break;
  }
  if (c == '"') inside_ = lexeme::string;
  if (c == '{' || c == '[') return open(c);
  return c == '}' || c == ']' ? close() : change::none;
}

element_splitter::change element_splitter::open(char bracket) {
  if (depth_ < outermost_.size()) outermost_[depth_] = bracket;
  const bool is_element = bracket == '{' && depth_ == outermost_.size() && outermost_ == std::array{'{', '['};
  ++depth_;
  return is_element ? change::begins : change::none;
}

/// Of whatever kind the bracket is: where it does not match, the parser refuses the text it is in.
element_splitter::change element_splitter::close() {
  if (depth_ > 0) --depth_;
  return at_ == position::in_element && depth_ == outermost_.size() ? change::ends : change::none;
}

/// False: the limit is reached.
bool element_splitter::keep(std::string_view piece) {
  const bool is_element = at_ == position::in_element;
  auto& text = is_element ? element_ : envelope_;
  if (piece.size() > (is_element ? max_.element : max_.envelope) - text.size()) return false;
  text.append(piece);
  return true;
}

}  // namespace sidecar::kube
