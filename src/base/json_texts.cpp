#include "sidecar/base/json_texts.hpp"

#include <algorithm>

#include "sidecar/base/json.hpp"

namespace sidecar::json {
namespace {

using boost::system::error_code;

class text_collector final : public events {
 public:
  text_collector(std::initializer_list<path> paths) : texts(paths.size()), paths_(paths) {}

  std::vector<std::string> texts;

 private:
  error_code null() override { return {}; }
  error_code boolean(bool) override { return {}; }
  error_code number() override { return {}; }
  error_code start_object() override { return enter(); }
  error_code end_object() override { return leave(); }
  error_code start_array() override { return enter(); }
  error_code end_array() override { return leave(); }

  error_code key(std::string_view name) override {
    here_.back().assign(name);
    return {};
  }

  error_code string(std::string_view value) override {
    const auto* wanted = std::ranges::find_if(paths_, [this](path one) { return std::ranges::equal(one, here_); });
    if (wanted != paths_.end()) texts[static_cast<std::size_t>(wanted - paths_.begin())].assign(value);
    return {};
  }

  // A list has a place too, under no key, which no path names.
  error_code enter() {
    here_.emplace_back();
    return {};
  }
  error_code leave() {
    here_.pop_back();
    return {};
  }

  std::initializer_list<path> paths_;
  std::vector<std::string> here_;  // the key under way in each open object
};

}  // namespace

result<std::vector<std::string>> read_texts(std::string_view text, std::initializer_list<path> paths) {
  text_collector collector(paths);
  if (auto done = read(text, collector); !done) return done.error();
  return std::move(collector.texts);
}

}  // namespace sidecar::json
