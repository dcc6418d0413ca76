#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "loaded.hpp"

namespace sidecar::config {
namespace {

class byte_source {
 public:
  // Half of the bytes come from what the grammars are made of, so that parsers get past their first test.
  std::string text() {
    constexpr std::string_view grammar = "0123456789.:[]/hms-_aAtcp%@ \n";
    std::string out(random_() % 40, '\0');
    for (char& c : out) {
      c = random_() % 2 == 0 ? grammar[random_() % grammar.size()] : static_cast<char>(random_() % 256);
    }
    return out;
  }
  bool coin() { return random_() % 2 == 0; }

 private:
  std::mt19937 random_{1'123};
};

TEST(LoadOfAnyBytes, GivesAConfigOrPrintableMistakes) {
  byte_source source;
  for (int round = 0; round < 1'000; ++round) {
    environment variables{{"KUBERNETES_SERVICE_HOST", source.text()}, {"KUBERNETES_SERVICE_PORT", source.text()}};
    flags given{{source.text(), source.text()}};
    for (const option& one : options()) {
      const std::string value = (one.name == "API_SERVER" ? "https://" : "") + source.text();
      if (source.coin()) variables[prefixed(one.name)] = value;
      if (source.coin()) given[std::string{one.name}] = value;
    }
    variables[prefixed(source.text())] = source.text();
    for (const std::string& one : errors_of(variables, given)) {
      EXPECT_TRUE(std::ranges::none_of(one, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) << one;
      EXPECT_LT(one.size(), 600U);
    }
  }
}

TEST(LoadOfAnyBytes, TakesHugeValuesAndNames) {
  const std::string huge(1'000'000, '9');
  environment variables = in_a_pod({{huge, huge}});
  for (const option& one : options()) variables[prefixed(one.name)] = huge;
  for (const std::string& one : errors_of(variables)) EXPECT_LT(one.size(), 600U);
}

}  // namespace
}  // namespace sidecar::config
