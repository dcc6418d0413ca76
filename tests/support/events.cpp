#include "support/events.hpp"

#include <utility>

#include "support/answers.hpp"

namespace sidecar::test {
namespace {

constexpr std::string_view type_key = R"({"type":")";
constexpr std::string_view version_key = R"("resourceVersion":")";

std::string quoted_at(const std::string& line, std::size_t begin) {
  return line.substr(begin, line.find('"', begin) - begin);
}

}  // namespace

std::string event_line(std::string_view type, std::string_view object) {
  while (object.ends_with('\n')) object.remove_suffix(1);
  std::string line;
  line.reserve(object.size() + type.size() + 32);
  return line.append(R"({"type":")").append(type).append(R"(","object":)").append(object).append("}\n");
}

std::string event_line(std::string_view type, const pod& document) {
  return event_line(type, std::string_view{document.text()});
}

std::string bookmark_line(std::uint64_t version, bool initial_end, resource_kind kind) {
  const auto words = words_of(kind);
  const std::string annotations = initial_end ? R"(,"annotations":{"k8s.io/initial-events-end":"true"})" : "";
  return event_line("BOOKMARK", R"({"kind":")" + std::string{words.kind} +
                                    R"(","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(version) +
                                    '"' + annotations + "}," + std::string{words.bookmark} + '}');
}

std::string error_line(int code, std::uint64_t asked, std::uint64_t oldest) {
  return event_line("ERROR", *make_failure(code, asked, oldest).body);
}

std::string huge_event_line(std::size_t size, std::string_view version) {
  pod document;
  document.document()["metadata"]["resourceVersion"] = version;
  document.document()["metadata"]["annotations"]["example.com/weight"] = std::string(size, 'x');
  return event_line("MODIFIED", document);
}

std::string with_version(std::string line, std::uint64_t version) {
  const std::size_t key = line.find(version_key);
  if (key == std::string::npos) return line;
  const std::size_t begin = key + version_key.size();
  return line.replace(begin, line.find('"', begin) - begin, std::to_string(version));
}

watch_event make_event(std::string line) {
  const std::string type = line.starts_with(type_key) ? quoted_at(line, type_key.size()) : std::string{};
  const std::size_t key = line.find(version_key);
  std::string version = key == std::string::npos ? std::string{} : quoted_at(line, key + version_key.size());
  return {type, std::move(version), std::make_shared<const std::string>(std::move(line))};
}

}  // namespace sidecar::test
