// CPU time to read pod documents: the product's reader beside nlohmann's document tree, on the same bytes; and to read
// one again that has not changed.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/classify.hpp"
#include "support/recording.hpp"

namespace {

double cpu_nanoseconds() {
  std::timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// One run's nanoseconds of CPU per byte.
template <class Read>
double measure(const std::string& text, Read read) {
  const int rounds = static_cast<int>(20'000'000 / text.size()) + 1;
  const auto start = cpu_nanoseconds();
  for (int i = 0; i < rounds; ++i) read(text);
  return (cpu_nanoseconds() - start) / rounds / static_cast<double>(text.size());
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class Read>
void compare(const std::string& name, const std::string& text, Read read) {
  std::vector<double> ours;
  std::vector<double> tree;
  // Interleaved, so that whatever else the machine does hits both.
  for (int run = 0; run < 7; ++run) {
    ours.push_back(measure(text, read));
    tree.push_back(measure(text, [](const std::string& json) {
      if (!nlohmann::json::parse(json).is_object()) std::abort();
    }));
  }
  std::cout << name << ' ' << text.size() << ' ' << median(ours) << ' ' << median(tree) << '\n';
}

void compare_first(const std::string& name) {
  compare(name, sidecar::test::recorded_body(name), [](const std::string& json) {
    if (!sidecar::health::parse_pod(json)) std::abort();
  });
}

void compare_again(const std::string& name) {
  using namespace sidecar::kube;
  response_cache memo({"demo", "game-0"});
  compare(name + "-again", sidecar::test::recorded_body(name), [&memo](const std::string& json) {
    api_response answer;
    answer.status = 200;
    answer.body = json;
    if (!memo.classify(std::move(answer))) std::abort();
  });
}

}  // namespace

/// Prints a line for each document: name, bytes, ours and the tree's ns per byte.
int main() {
  compare_first("pod-large-identity");
  compare_first("pod-ready");
  compare_again("pod-ready");
}
