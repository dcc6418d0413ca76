#include "sidecar/status/exposition.hpp"

#include <cmath>

#include "sidecar/base/number_text.hpp"

namespace sidecar::status {
namespace {

std::string_view name_of(exposition::type kind) {
  switch (kind) {
    case exposition::type::gauge:
      return "gauge";
    case exposition::type::counter:
      return "counter";
    case exposition::type::histogram:
      break;
  }
  return "histogram";
}

std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    c == '\n' ? out.append("\\n") : out.append(1, c);
  }
  return out;
}

}  // namespace

void exposition::begin(std::string_view name, type kind, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(name_of(kind)).append("\n");
}

void exposition::sample(double value, labels given, std::string_view suffix) {
  if (std::isnan(value)) return write("NaN", given, suffix);
  if (std::isinf(value)) return write(value > 0 ? "+Inf" : "-Inf", given, suffix);
  write(shortest_text(value), given, suffix);
}

void exposition::sample(std::uint64_t value, labels given, std::string_view suffix) {
  write(std::to_string(value), given, suffix);
}

void exposition::write(std::string_view value, labels given, std::string_view suffix) {
  text_.append(name_).append(suffix);
  const char* before = "{";
  for (const auto& [name, content] : given) {
    text_.append(before).append(name).append("=\"").append(escaped(content)).append("\"");
    before = ",";
  }
  text_.append(given.size() > 0 ? "} " : " ").append(value).append("\n");
}

}  // namespace sidecar::status
