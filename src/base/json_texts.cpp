#include "sidecar/base/json_texts.hpp"

#include <algorithm>

#include "sidecar/base/json.hpp"

namespace sidecar::json {
namespace {

using boost::system::error_code;

class text_collector final : public events {
 public:
  enum class repeats { allowed, refused };

  text_collector(std::initializer_list<path> paths, repeats of_keys)
      : texts(paths.size()), paths_(paths), repeats_(of_keys), reached_(paths.size()) {}

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
    return repeats_ == repeats::refused ? note_key() : error_code();
  }

  error_code string(std::string_view value) override {
    const auto* wanted = std::ranges::find_if(paths_, [this](path one) { return std::ranges::equal(one, here_); });
    if (wanted != paths_.end()) texts[static_cast<std::size_t>(wanted - paths_.begin())].assign(value);
    return {};
  }

  error_code note_key() {
    auto reached = reached_.begin();
    for (const path wanted : paths_) {
      const bool on_path = here_.size() <= wanted.size() && std::equal(here_.begin(), here_.end(), wanted.begin());
      if (on_path && *reached >= here_.size()) return errc::json_repeated_key;
      if (on_path) *reached = here_.size();
      ++reached;
    }
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
  repeats repeats_;
  std::vector<std::size_t> reached_;  // how many keys of each path have been seen, one in the other
  std::vector<std::string> here_;     // the key under way in each open object
};

result<std::vector<std::string>> collect(std::string_view text, text_collector collector) {
  if (auto done = read(text, collector); !done) return done.error();
  return std::move(collector.texts);
}

}  // namespace

result<std::vector<std::string>> read_texts(std::string_view text, std::initializer_list<path> paths) {
  return collect(text, {paths, text_collector::repeats::allowed});
}

result<std::vector<std::string>> read_unique_texts(std::string_view text, std::initializer_list<path> paths) {
  return collect(text, {paths, text_collector::repeats::refused});
}

}  // namespace sidecar::json
