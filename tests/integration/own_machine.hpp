#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sidecar::test {

/// Gives the calling process, and those that it starts from now on, a network of its own: a loopback interface with
/// these addresses beside 127.0.0.1, and nothing else. `hidden` becomes an empty directory that they alone see. It asks
/// for root or for user namespaces, and for a process without threads. Empty, or what was refused.
std::string enter_own_machine(const std::vector<std::string>& addresses, const std::filesystem::path& hidden);

}  // namespace sidecar::test
