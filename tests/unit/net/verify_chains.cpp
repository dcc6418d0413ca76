#include <chrono>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "unit/net/chain_oracle.hpp"

/// verify-chains FILE.jsonl: what the product says of each chain and what Go says, and where they differ.
namespace sidecar::test {
namespace {

constexpr int slowest = 5;  ///< are named

std::string word(bool accepted) { return accepted ? "accepts" : "refuses"; }

struct difference {
  oracle_chain chain;
  chain_verdict verdict;
};

void print(const std::string& direction, const std::vector<difference>& found) {
  std::cout << "\n" << direction << ": " << found.size() << "\n";
  std::map<std::string, int> families;
  for (const auto& [chain, verdict] : found) {
    ++families[chain.family];
    std::cout << "  " << chain.name << ": " << (verdict.accepted ? "Go: " + chain.go_error : verdict.failure) << "\n";
  }
  for (const auto& [family, count] : families) std::cout << "  family " << family << ": " << count << "\n";
}

int run(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  const auto chains = read_chains(std::string{std::istreambuf_iterator<char>(file), {}});
  std::vector<difference> accepted;
  std::vector<difference> refused;
  std::multimap<std::chrono::microseconds, std::string, std::greater<>> times;
  for (const auto& chain : chains) {
    const auto verdict = judge(chain);
    std::cout << chain.name << ": sidecar " << word(verdict.accepted) << ", Go " << word(chain.go) << "\n";
    if (verdict.accepted && !chain.go) accepted.push_back({chain, verdict});
    if (!verdict.accepted && chain.go) refused.push_back({chain, verdict});
    times.emplace(verdict.took, chain.name);
  }
  print("accepted though Go refuses", accepted);
  print("refused though Go accepts", refused);
  std::cout << "\n" << chains.size() << " chains; the slowest:\n";
  for (auto slow = times.begin(); slow != times.end() && std::distance(times.begin(), slow) < slowest; ++slow) {
    std::cout << "  " << slow->first.count() << " us: " << slow->second << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace sidecar::test

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "verify-chains FILE.jsonl\n";
    return 2;
  }
  try {
    return sidecar::test::run(arguments[1]);
  } catch (const std::exception& failure) {
    std::cerr << "verify-chains: " << failure.what() << "\n";
    return 2;
  }
}
